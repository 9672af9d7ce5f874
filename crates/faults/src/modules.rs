//! The objects of the process, as the loader lists them: whose code an address is.

use super::lent;
use socklens_inside::loader::{DT_STRTAB, DT_SYMTAB, Dyn, LinkMap, STT_FUNC, Sym};

/// An object of the loader's list.
pub struct Module {
    /// Its entry in the list.
    pub map: u64,
    pub addr: u64,
    /// Its dynamic section.
    pub ld: u64,
    /// Its index of frames, .eh_frame_hdr; 0 for none.
    pub index: u64,
}

/// The entry at a place of the loader's list, if there is memory.
pub fn module_at(map: u64) -> Option<LinkMap> {
    lent::fetch(map, false)
}

/// The object whose code an address is. Others may be changing the list: it is read as memory that need not be there.
pub fn module_of(addr: u64) -> Option<Module> {
    /// Where programs that are not relocated begin.
    const FIXED: u64 = 0x40_0000;
    let mut map = lent::loader_list();
    for _ in 0..4096 {
        let m = module_at(map)?;
        let base = m.addr as u64;
        let head_at = if base == 0 { FIXED } else { base };
        let head = lent::fetch::<libc::Elf64_Ehdr>(head_at, false).filter(|h| h.e_ident.starts_with(b"\x7fELF"));
        if let Some(head) = head.filter(|_| addr >= head_at) {
            let part = |i: u64| {
                let at = head_at.wrapping_add(head.e_phoff).wrapping_add(i * size_of::<libc::Elf64_Phdr>() as u64);
                lent::fetch::<libc::Elf64_Phdr>(at, false)
            };
            let parts = u64::from(head.e_phnum.min(64));
            for i in 0..parts {
                let Some(p) = part(i) else { break };
                let holds = addr.wrapping_sub(base.wrapping_add(p.p_vaddr)) < p.p_memsz;
                if p.p_type == libc::PT_LOAD && p.p_flags & libc::PF_X != 0 && holds {
                    let frames = (0..parts).filter_map(part).find(|p| p.p_type == libc::PT_GNU_EH_FRAME);
                    let index = frames.map_or(0, |p| base.wrapping_add(p.p_vaddr));
                    return Some(Module { map, addr: base, ld: m.ld as u64, index });
                }
            }
        }
        map = m.next as u64;
    }
    None
}

/// The name, as an address, of the exported function that an address of an object lies in, and where that begins in it.
pub fn function_of(of: &Module, addr: u64) -> Option<(u64, u64)> {
    let abs = |v: usize| if (v as u64) < of.addr { of.addr.wrapping_add(v as u64) } else { v as u64 };
    let (mut names, mut symbols) = (0, 0);
    for i in 0..128 {
        let d = lent::fetch::<Dyn>(of.ld + i * size_of::<Dyn>() as u64, false)?;
        match d.tag {
            0 => break,
            DT_STRTAB => names = abs(d.val),
            DT_SYMTAB => symbols = abs(d.val),
            _ => {}
        }
    }
    // How many there are is not said; the linkers put the names behind them.
    let count = names.checked_sub(symbols)? / size_of::<Sym>() as u64;
    const BLOCK: usize = 16;
    let mut i = 1;
    while symbols != 0 && i < count.min(1 << 17) {
        let n = (count - i).min(BLOCK as u64) as usize;
        let mut block = [const { Sym::NONE }; BLOCK];
        let at = symbols + i * size_of::<Sym>() as u64;
        // SAFETY: there is room for so many, which are plain integers.
        if !unsafe { lent::fetch_bytes(at, block.as_mut_ptr().cast(), n * size_of::<Sym>()) } {
            return None;
        }
        let offset = addr.wrapping_sub(of.addr);
        let inside =
            |s: &&Sym| s.shndx != 0 && s.info & 15 == STT_FUNC && offset.wrapping_sub(s.value as u64) <= s.size as u64;
        // Behind a last call that does not return there is nothing more of the function.
        if let Some(s) = block.iter().take(n).find(inside).filter(|s| offset != s.value as u64) {
            return Some((names + u64::from(s.name), s.value as u64));
        }
        i += n as u64;
    }
    None
}
