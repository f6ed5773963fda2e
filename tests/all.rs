//! All integration tests, in one binary: linking is slow. They drive the real program in real terminals.

mod actions;
mod architecture;
mod attaching;
mod coloring;
mod commands;
mod doctor;
mod driving;
mod exporting;
mod faults;
mod gestures;
mod grepping;
mod keyboard;
mod overlays;
mod pairing;
mod programs;
mod replaying;
mod reviving;
mod scrolling;
mod sealing;
mod searching;
mod selecting;
mod settings;
mod sharing;
mod shells;
mod support;
mod survival;
