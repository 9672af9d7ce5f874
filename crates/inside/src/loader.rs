//! What the loader keeps in memory of the objects of a process, as <link.h> and <elf.h> have it.

use core::ffi::c_char;

/// The public head of `struct link_map` of <link.h>.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub struct LinkMap {
    pub addr: usize,
    pub name: *const c_char,
    pub ld: *const Dyn,
    pub next: *const LinkMap,
}

/// An entry of a dynamic section.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub struct Dyn {
    pub tag: i64,
    pub val: usize,
}

/// An entry of a symbol table.
#[derive(Debug)]
#[repr(C)]
pub struct Sym {
    pub name: u32,
    pub info: u8,
    pub other: u8,
    pub shndx: u16,
    pub value: usize,
    pub size: usize,
}

impl Sym {
    /// No symbol.
    pub const NONE: Sym = Sym { name: 0, info: 0, other: 0, shndx: 0, value: 0, size: 0 };
}

/// A dynamic section's table of names, and of symbols.
pub const DT_STRTAB: i64 = 5;
pub const DT_SYMTAB: i64 = 6;
/// A symbol that is a function.
pub const STT_FUNC: u8 = 2;
