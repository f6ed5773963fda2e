//! Values that are stored once and named by number: what many cells share. A pool has a bound, and what is no longer
//! used is swept out of it; numbers in use never change.

use std::borrow::Borrow;
use std::hash::{BuildHasher, Hash, RandomState};

/// What a pool may hold.
#[derive(Debug, Clone, Copy)]
pub(super) struct Limit {
    /// How many values.
    pub(super) values: usize,
    /// How many bytes of text, over all values.
    pub(super) bytes: usize,
}

/// A value that a pool can hold; the default one is no value at all.
pub(super) trait Pooled: Clone + Default + Eq + Hash {
    /// Bytes of text that the value keeps outside of itself.
    fn text_bytes(&self) -> usize;
}

/// Values by number.
///
/// Laws: equal values have one number; a number stays with its value until a sweep finds it unused.
#[derive(Debug, Clone)]
pub(super) struct Pool<T> {
    limit: Limit,
    values: Vec<T>,
    hashes: Vec<u32>,
    /// Numbers whose values were swept out.
    free: Vec<u32>,
    /// Numbers, each plus 1, by the hash of their values (open addressing); never more than half full.
    index: Vec<u32>,
    /// Values come from programs: nobody may know which of them collide.
    seed: RandomState,
    bytes: usize,
    /// Values taken in or refused since the last sweep.
    pressure: usize,
}

impl<T: Pooled> Pool<T> {
    /// An empty pool.
    pub(super) fn new(limit: Limit) -> Self {
        Self {
            limit,
            values: Vec::new(),
            hashes: Vec::new(),
            free: Vec::new(),
            index: vec![0; 16],
            seed: RandomState::new(),
            bytes: 0,
            pressure: 0,
        }
    }

    /// The value behind `number`.
    pub(super) fn get(&self, number: usize) -> Option<&T> {
        self.values.get(number)
    }

    /// How many values are held.
    pub(super) fn len(&self) -> usize {
        self.values.len() - self.free.len()
    }

    /// The number above all that were ever given.
    pub(super) fn end(&self) -> usize {
        self.values.len()
    }

    /// Bytes of text over all values.
    #[cfg(test)]
    pub(super) fn bytes(&self) -> usize {
        self.bytes
    }

    /// Finds `value`.
    pub(super) fn find<Q>(&self, value: &Q) -> Option<u32>
    where
        T: Borrow<Q>,
        Q: Eq + Hash + ?Sized,
    {
        self.find_hashed(value, self.seed.hash_one(value) as u32)
    }

    /// Finds `value`; one that is not there counts as refused.
    pub(super) fn find_or_refuse(&mut self, value: &T) -> Option<u32> {
        let found = self.find(value);
        self.pressure += usize::from(found.is_none());
        found
    }

    fn find_hashed<Q>(&self, value: &Q, hash: u32) -> Option<u32>
    where
        T: Borrow<Q>,
        Q: Eq + ?Sized,
    {
        let mask = self.index.len() - 1;
        let mut at = hash as usize & mask;
        while let Some(number) = self.index[at].checked_sub(1) {
            let n = number as usize;
            if self.hashes[n] == hash && self.values[n].borrow() == value {
                return Some(number);
            }
            at = (at + 1) & mask;
        }
        None
    }

    /// Finds or adds `value`; nothing once the pool is full.
    pub(super) fn number<Q>(&mut self, value: &Q, make: impl FnOnce() -> T) -> Option<u32>
    where
        T: Borrow<Q>,
        Q: Eq + Hash + ?Sized,
    {
        let hash = self.seed.hash_one(value) as u32;
        let found = self.find_hashed(value, hash);
        found.or_else(|| self.add(make(), hash))
    }

    fn add(&mut self, value: T, hash: u32) -> Option<u32> {
        self.pressure += 1;
        let bytes = self.bytes + value.text_bytes();
        if self.len() >= self.limit.values || bytes > self.limit.bytes {
            return None;
        }
        self.bytes = bytes;
        let number = self.free.pop().unwrap_or(self.values.len() as u32);
        let n = number as usize;
        if n == self.values.len() {
            self.values.push(value);
            self.hashes.push(hash);
        } else {
            (self.values[n], self.hashes[n]) = (value, hash);
        }
        if 2 * self.len() > self.index.len() {
            let len = 2 * self.index.len();
            self.index = vec![0; len];
            let free = std::mem::take(&mut self.free);
            let mut is_free = vec![false; self.values.len()];
            free.iter().for_each(|&n| is_free[n as usize] = true);
            self.free = free;
            (0..is_free.len())
                .filter(|&n| !is_free[n])
                .for_each(|n| self.enter(n));
        } else {
            self.enter(n);
        }
        Some(number)
    }

    /// Enters the number of a value into the index.
    fn enter(&mut self, number: usize) {
        let mask = self.index.len() - 1;
        let mut at = self.hashes[number] as usize & mask;
        while self.index[at] != 0 {
            at = (at + 1) & mask;
        }
        self.index[at] = number as u32 + 1;
    }

    /// Whether a sweep is due: the pool is nearly full, and enough has come since the last sweep to pay for another.
    #[inline]
    pub(super) fn is_crowded(&self) -> bool {
        self.pressure >= self.limit.values / 8
            && (self.len() >= self.limit.values / 4 * 3 || self.bytes >= self.limit.bytes / 4 * 3)
    }

    /// Drops every value whose number is not in `used`.
    pub(super) fn sweep(&mut self, used: &[bool]) {
        self.pressure = 0;
        self.bytes = 0;
        self.free.clear();
        self.index.fill(0);
        for n in (0..self.values.len()).rev() {
            if used.get(n).copied().unwrap_or_default() {
                self.bytes += self.values[n].text_bytes();
                self.enter(n);
            } else {
                self.values[n] = T::default();
                self.free.push(n as u32);
            }
        }
    }
}
