//! The real functions: the next definition of each symbol after this library.
//!
//! Found by walking the loader's list of objects and their hash tables ourselves. dlsym would do for symbols that
//! exist, but for one that does not it allocates its error text, and inside malloc's own initialisation that recurses.

use core::arch::global_asm;
use core::ffi::CStr;
use core::sync::atomic::{AtomicBool, Ordering};
use once_cell::race::OnceNonZeroUsize;
use socklens_calls::{CALLS, Call, Ret};
use socklens_inside::loader::{DT_STRTAB, DT_SYMTAB, Dyn, LinkMap, Sym};

// Apart from what every start writes: adr/0010.
#[unsafe(link_section = ".bss.large")]
static REAL: [OnceNonZeroUsize; CALLS.len()] = [const { OnceNonZeroUsize::new() }; CALLS.len()];

/// Whether any was found: a start that finds none yet need not look at the table.
static SOME: AtomicBool = AtomicBool::new(false);

/// Whether any real function was looked up before.
pub fn any_known() -> bool {
    SOME.load(Ordering::Acquire)
}

/// The address of the real function behind `call`, 0 when this libc has none.
#[inline(always)]
pub fn address(call: Call) -> usize {
    match REAL.get(call as usize).and_then(OnceNonZeroUsize::get) {
        Some(p) => p.get(),
        None => resolve(call),
    }
}

/// The address of the real function behind `call` if it was looked up before.
#[inline(always)]
pub fn known(call: Call) -> Option<usize> {
    REAL.get(call as usize).and_then(OnceNonZeroUsize::get).map(core::num::NonZeroUsize::get)
}

/// As [`address`], never 0: for a function that this libc does not have, one that fails with ENOSYS.
#[inline(always)]
pub fn function(call: Call) -> usize {
    match known(call) {
        Some(p) => p,
        None => resolve_or_fail(call),
    }
}

#[inline(never)]
#[cold]
fn resolve_or_fail(call: Call) -> usize {
    extern "C" fn minus_one() -> isize {
        super::order::set_errno(libc::ENOSYS);
        -1
    }
    extern "C" fn null() -> usize {
        super::order::set_errno(libc::ENOSYS);
        0
    }
    match resolve(call) {
        0 if matches!(call.ret(), Ret::Hostent | Ret::Ptr | Ret::Str | Ret::Index) => null as *const () as usize,
        0 => minus_one as *const () as usize,
        p => p,
    }
}

/// Not inlined and its result used afterwards: a tail call here would make the resolver's caller look like libc's.
#[inline(never)]
#[cold]
fn resolve(call: Call) -> usize {
    let found = find_next(call.name());
    keep(call, found);
    crate::exports::open_gate(call, found);
    if found != 0 {
        crate::exports::take_short_way(call);
    }
    found
}

// Weak, so that the library needs nothing but libc.so by name: ld.so is always there. musl's loader has the same structure
// under another name, a pointer to it.
global_asm!(
    ".weak _r_debug",
    ".weak _dl_debug_addr",
    ".weak __libc_stack_end",
    ".hidden _DYNAMIC",
    ".pushsection .text.socklens_loader,\"ax\",@progbits",
    ".globl socklens_r_debug",
    ".hidden socklens_r_debug",
    "socklens_r_debug:",
    "mov rax, qword ptr [rip + _r_debug@GOTPCREL]",
    "test rax, rax",
    "jnz 2f",
    "mov rax, qword ptr [rip + _dl_debug_addr@GOTPCREL]",
    "test rax, rax",
    "jz 2f",
    "mov rax, qword ptr [rax]",
    "2:",
    "ret",
    ".globl socklens_stack_end",
    ".hidden socklens_stack_end",
    "socklens_stack_end:",
    "mov rax, qword ptr [rip + __libc_stack_end@GOTPCREL]",
    "ret",
    ".globl socklens_dynamic",
    ".hidden socklens_dynamic",
    "socklens_dynamic:",
    "lea rax, [rip + _DYNAMIC]",
    "ret",
    ".popsection",
);

unsafe extern "C" {
    fn socklens_r_debug() -> *const RDebug;
    fn socklens_stack_end() -> *const u64;
    fn socklens_dynamic() -> *const Dyn;
}

/// `struct r_debug` of <link.h>.
#[repr(C)]
struct RDebug {
    version: i32,
    map: *const LinkMap,
    /// Not called; for debuggers.
    brk: usize,
    /// 0 when the list is whole; 1 and 2 while objects are added and removed.
    state: i32,
}

const DT_HASH: i64 = 4;
const DT_GNU_HASH: i64 = 0x6fff_fef5;
const DT_VERSYM: i64 = 0x6fff_fff0;
const STT_GNU_IFUNC: u8 = 10;
const VER_HIDDEN: u16 = 0x8000;

/// Top of the main thread's stack.
pub fn stack_end() -> u64 {
    // SAFETY: a weak reference that is null when the loader has no such symbol.
    unsafe { socklens_stack_end().as_ref() }.map_or(0, |p| *p)
}

/// Whether the process has certainly one thread (glibc 2.32 and later tell). Looked up rather than linked, since a
/// reference would ask older libcs for a version they do not have.
pub fn single_threaded() -> bool {
    static FLAG: OnceNonZeroUsize = OnceNonZeroUsize::new();
    static NEVER: u8 = 0;
    let at = match FLAG.get() {
        Some(p) => p.get(),
        None => {
            let found = match find_next("__libc_single_threaded") {
                0 => &raw const NEVER as usize,
                p => p,
            };
            if let Some(p) = core::num::NonZeroUsize::new(found) {
                let _ = FLAG.set(p);
            }
            found
        }
    };
    // SAFETY: libc's flag byte, or ours.
    unsafe { *(at as *const u8) != 0 }
}

/// This library's entry in the loader's list.
fn own_map() -> Option<&'static LinkMap> {
    // SAFETY: the loader's list is valid for the life of the process; entries of objects up to libc never go away.
    unsafe {
        let own = socklens_dynamic();
        let mut map = socklens_r_debug().as_ref()?.map.as_ref();
        while let Some(m) = map {
            if core::ptr::eq(m.ld, own) {
                return Some(m);
            }
            map = m.next.as_ref();
        }
        None
    }
}

/// Where this library lies.
pub fn own_base() -> Option<u64> {
    own_map().map(|m| m.addr as u64)
}

/// Where the loader's list begins; 0 when the loader does not tell.
pub fn loader_list() -> u64 {
    // SAFETY: a weak reference that is null when the loader has no such symbol.
    unsafe { socklens_r_debug().as_ref() }.map_or(0, |d| d.map as u64)
}

/// This library's path as the loader knows it.
pub fn own_path() -> &'static [u8] {
    // SAFETY: l_name is a NUL-terminated string owned by the loader.
    own_map().filter(|m| !m.name.is_null()).map_or(&[], |m| unsafe { CStr::from_ptr(m.name) }.to_bytes())
}

/// The next definition of `name` after this library, 0 when there is none. A library that was opened at run time comes
/// after libc: then the first definition before it is the one that programs use.
pub fn find_next(name: &str) -> usize {
    let Some(own) = own_map() else { return 0 };
    match search(own.next, core::ptr::null(), name) {
        // SAFETY: see own_map.
        0 => search(unsafe { socklens_r_debug().as_ref() }.map_or(core::ptr::null(), |d| d.map), own, name),
        p => p,
    }
}

/// Whether nobody is adding objects to the loader's list, or was when this process was forked. musl's loader does not
/// tell: it is the one without a name for the end of the stack.
pub fn loader_rests() -> bool {
    // SAFETY: see own_map.
    stack_end() != 0 && unsafe { socklens_r_debug().as_ref() }.is_some_and(|d| d.state == 0)
}

/// Whether libc comes after this library: only then do the program's calls pass through it.
pub fn is_before_libc() -> bool {
    own_map().is_some_and(|own| search(own.next, core::ptr::null(), "socket") != 0)
}

/// The first definition of `name` among the objects from `map` up to `end`.
fn search(mut map: *const LinkMap, end: *const LinkMap, name: &str) -> usize {
    let mut compat = 0;
    while !core::ptr::eq(map, end) {
        // SAFETY: see own_map.
        let Some(m) = (unsafe { map.as_ref() }) else { break };
        // SAFETY: an object in the loader's list has its dynamic section and tables mapped.
        match unsafe { lookup(m, name.as_bytes()) } {
            Found::Default(p) => return p,
            Found::Compat(p) if compat == 0 => compat = p,
            _ => {}
        }
        map = m.next;
    }
    compat
}

/// Whether another copy of this library comes before us in the loader's list.
pub fn is_second_copy(marker: &str) -> bool {
    // SAFETY: see own_map.
    let mut map = unsafe { socklens_r_debug().as_ref() }.map_or(core::ptr::null(), |d| d.map);
    // SAFETY: see own_map.
    while let Some(m) = unsafe { map.as_ref() } {
        // SAFETY: socklens_dynamic has no preconditions.
        if core::ptr::eq(m.ld, unsafe { socklens_dynamic() }) {
            return false;
        }
        // SAFETY: as in find_next.
        if !matches!(unsafe { lookup(m, marker.as_bytes()) }, Found::No) {
            return true;
        }
        map = m.next;
    }
    false
}

enum Found {
    No,
    Default(usize),
    /// Only an old version of the symbol, which new programs are not linked against.
    Compat(usize),
}

/// Where an object has its symbols.
struct Tables {
    addr: usize,
    hash: usize,
    gnu: usize,
    strtab: usize,
    symtab: usize,
    versym: usize,
}

impl Tables {
    /// # Safety
    /// `m` is a live entry of the loader's list.
    unsafe fn of(m: &LinkMap) -> Option<Tables> {
        // glibc relocates these pointers in place, except in read-only dynamic sections (the vDSO's).
        let abs = |v: usize| if v < m.addr { v.wrapping_add(m.addr) } else { v };
        let mut t = Tables { addr: m.addr, hash: 0, gnu: 0, strtab: 0, symtab: 0, versym: 0 };
        let mut d = m.ld;
        if d.is_null() {
            return None;
        }
        // SAFETY: the dynamic section ends with a DT_NULL entry.
        unsafe {
            while (*d).tag != 0 {
                let v = (*d).val;
                match (*d).tag {
                    DT_HASH => t.hash = abs(v),
                    DT_GNU_HASH => t.gnu = abs(v),
                    DT_STRTAB => t.strtab = abs(v),
                    DT_SYMTAB => t.symtab = abs(v),
                    DT_VERSYM => t.versym = abs(v),
                    _ => {}
                }
                d = d.add(1);
            }
        }
        if t.strtab == 0 || t.symtab == 0 { None } else { Some(t) }
    }

    /// # Safety
    /// The object is still loaded.
    unsafe fn find(&self, name: &[u8]) -> Found {
        let mut best = Found::No;
        // SAFETY: the tables that the dynamic section names are mapped.
        unsafe {
            let mut consider = |index: u32| -> bool {
                let sym = &*(self.symtab as *const Sym).add(index as usize);
                if sym.shndx == 0 || sym.value == 0 || !same_text(self.strtab + sym.name as usize, name) {
                    return false;
                }
                let mut p = self.addr.wrapping_add(sym.value);
                if sym.info & 15 == STT_GNU_IFUNC {
                    p = core::mem::transmute::<usize, extern "C" fn() -> usize>(p)();
                }
                if self.versym != 0 && *(self.versym as *const u16).add(index as usize) & VER_HIDDEN != 0 {
                    best = Found::Compat(p);
                    false
                } else {
                    best = Found::Default(p);
                    true
                }
            };
            if self.gnu != 0 {
                walk_gnu(self.gnu as *const u32, name, &mut consider);
            } else if self.hash != 0 {
                walk_sysv(self.hash as *const u32, name, &mut consider);
            }
        }
        best
    }
}

/// Looks `name` up in one object.
///
/// # Safety
/// `m` is a live entry of the loader's list.
unsafe fn lookup(m: &LinkMap, name: &[u8]) -> Found {
    // SAFETY: the caller's.
    unsafe { Tables::of(m).map_or(Found::No, |t| t.find(name)) }
}

fn keep(call: Call, address: usize) {
    if let (Some(slot), Some(p)) = (REAL.get(call as usize), core::num::NonZeroUsize::new(address)) {
        let _ = slot.set(p);
        SOME.store(true, Ordering::Release);
    }
}

/// # Safety
/// `at` is the address of a NUL-terminated string.
unsafe fn same_text(at: usize, name: &[u8]) -> bool {
    let mut p = at as *const u8;
    // SAFETY: stops at the first difference, so never runs past the terminator.
    unsafe {
        for &b in name {
            if *p != b {
                return false;
            }
            p = p.add(1);
        }
        *p == 0
    }
}

/// # Safety
/// `t` is a mapped DT_GNU_HASH table.
unsafe fn walk_gnu(t: *const u32, name: &[u8], consider: &mut impl FnMut(u32) -> bool) {
    let mut h: u32 = 5381;
    for &b in name {
        h = h.wrapping_mul(33).wrapping_add(u32::from(b));
    }
    // SAFETY: the layout of DT_GNU_HASH: buckets, first symbol, bloom words, shift; then bloom, buckets, chains.
    unsafe {
        let (nbuckets, first, nbloom, shift) = (*t, *t.add(1), *t.add(2), *t.add(3));
        if nbuckets == 0 || nbloom == 0 {
            return;
        }
        let bloom = t.add(4).cast::<u64>();
        let word = *bloom.add(((h >> 6) & (nbloom - 1)) as usize);
        let mask = (1u64 << (h & 63)) | (1u64 << ((h >> (shift & 31)) & 63));
        if word & mask != mask {
            return;
        }
        let buckets = bloom.add(nbloom as usize).cast::<u32>();
        let chain = buckets.add(nbuckets as usize);
        let mut i = *buckets.add((h % nbuckets) as usize);
        if i < first {
            return;
        }
        loop {
            let c = *chain.add((i - first) as usize);
            if c | 1 == h | 1 && consider(i) {
                return;
            }
            if c & 1 != 0 {
                return;
            }
            i = i.wrapping_add(1);
        }
    }
}

/// # Safety
/// `t` is a mapped DT_HASH table.
unsafe fn walk_sysv(t: *const u32, name: &[u8], consider: &mut impl FnMut(u32) -> bool) {
    let mut h: u32 = 0;
    for &b in name {
        h = (h << 4).wrapping_add(u32::from(b));
        let g = h & 0xf000_0000;
        h = (h ^ (g >> 24)) & !g;
    }
    // SAFETY: the layout of DT_HASH: bucket count, chain count, buckets, chains.
    unsafe {
        let nbuckets = *t;
        if nbuckets == 0 {
            return;
        }
        let buckets = t.add(2);
        let chain = buckets.add(nbuckets as usize);
        let mut i = *buckets.add((h % nbuckets) as usize);
        while i != 0 {
            if consider(i) {
                return;
            }
            i = *chain.add(i as usize);
        }
    }
}
