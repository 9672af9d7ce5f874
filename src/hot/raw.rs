//! C values as registers hold them.

/// A C value as an argument or result register holds it.
pub trait Raw: core::marker::Copy {
    fn raw(self) -> u64;
    /// The value back from a result register.
    fn from_raw(v: i64) -> Self;
    /// What of the result register is the value.
    const WIDTH: Width = Width::Whole;
}

/// What of a result register is the value.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Width {
    Whole,
    /// The lower half, signed.
    Int,
    /// The lower half, unsigned.
    UInt,
}

macro_rules! raw_signed { ($($t:ty),*) => { $(impl Raw for $t {
    #[inline(always)]
    fn raw(self) -> u64 { self as i64 as u64 }
    #[inline(always)]
    fn from_raw(v: i64) -> Self { v as $t }
    const WIDTH: Width = if size_of::<$t>() == 4 { Width::Int } else { Width::Whole };
})* } }
macro_rules! raw_unsigned { ($($t:ty),*) => { $(impl Raw for $t {
    #[inline(always)]
    fn raw(self) -> u64 { self as u64 }
    #[inline(always)]
    fn from_raw(v: i64) -> Self { v as $t }
    const WIDTH: Width = if size_of::<$t>() == 4 { Width::UInt } else { Width::Whole };
})* } }
raw_signed!(i32, i64, isize);
raw_unsigned!(u16, u32, u64, usize);

impl<T> Raw for *const T {
    #[inline(always)]
    fn raw(self) -> u64 {
        self as u64
    }
    #[inline(always)]
    fn from_raw(v: i64) -> Self {
        v as usize as *const T
    }
}

impl<T> Raw for *mut T {
    #[inline(always)]
    fn raw(self) -> u64 {
        self as u64
    }
    #[inline(always)]
    fn from_raw(v: i64) -> Self {
        v as usize as *mut T
    }
}

impl Raw for libc::in_addr {
    #[inline(always)]
    fn raw(self) -> u64 {
        u64::from(self.s_addr)
    }
    fn from_raw(v: i64) -> Self {
        libc::in_addr { s_addr: v as u32 }
    }
}

impl Raw for () {
    #[inline(always)]
    fn raw(self) -> u64 {
        0
    }
    fn from_raw(_: i64) -> Self {}
}
