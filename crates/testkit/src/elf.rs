//! What a shared object exports and needs.

use object::elf;
use object::read::elf::{Dyn, FileHeader, ProgramHeader, Sym};
use std::collections::BTreeSet;
use std::path::Path;

type Header = elf::FileHeader64<object::Endianness>;

/// One dynamic symbol that the object defines.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Symbol {
    pub name: String,
    /// STT_*: 2 is a function, 1 data.
    pub kind: u8,
    /// The version it is defined in; empty when there is none.
    pub version: String,
}

/// A shared object's face.
#[derive(Clone, Default, Debug)]
pub struct Object {
    pub defined: Vec<Symbol>,
    pub undefined: BTreeSet<String>,
    /// Every name in either symbol table.
    pub all: BTreeSet<String>,
    pub needed: Vec<String>,
    pub soname: String,
    /// Versions that undefined symbols ask for.
    pub versions: BTreeSet<String>,
    /// DT_FLAGS and DT_FLAGS_1.
    pub flags: (u64, u64),
    /// Bytes of thread-local storage.
    pub tls: u64,
}

impl Object {
    #[track_caller]
    pub fn read(path: &Path) -> Object {
        let bytes = std::fs::read(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
        parse(&bytes).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
    }

    pub fn defined_names(&self) -> BTreeSet<String> {
        self.defined.iter().map(|s| s.name.clone()).collect()
    }
}

fn parse(bytes: &[u8]) -> object::Result<Object> {
    let mut o = Object::default();
    let header = Header::parse(bytes)?;
    let e = header.endian()?;
    let sections = header.sections(e, bytes)?;
    let dynamic = sections.symbols(e, bytes, elf::SHT_DYNSYM)?;
    let versions = sections.versions(e, bytes)?;
    for (i, s) in dynamic.iter().enumerate().skip(1) {
        let index = object::SymbolIndex(i);
        let name = String::from_utf8_lossy(dynamic.symbol_name(e, s)?).into_owned();
        let mut version = String::new();
        if let Some(t) = &versions
            && let Some(v) = t.version(t.version_index(e, index))?
        {
            version = String::from_utf8_lossy(v.name()).into_owned();
        }
        o.all.insert(name.clone());
        if s.is_undefined(e) {
            if !version.is_empty() {
                o.versions.insert(version);
            }
            o.undefined.insert(name);
        } else if matches!(s.st_bind(), elf::STB_GLOBAL | elf::STB_WEAK | elf::STB_GNU_UNIQUE)
            && s.st_shndx(e) != elf::SHN_ABS
        {
            o.defined.push(Symbol { name, kind: s.st_type(), version });
        }
    }
    let symbols = sections.symbols(e, bytes, elf::SHT_SYMTAB)?;
    for s in symbols.iter() {
        o.all.insert(String::from_utf8_lossy(symbols.symbol_name(e, s)?).into_owned());
    }
    for p in header.program_headers(e, bytes)? {
        if p.p_type(e) == elf::PT_TLS {
            o.tls = p.p_memsz(e);
        }
    }
    let (_, link) = sections.dynamic(e, bytes)?.map_or((&[][..], object::SectionIndex(0)), |d| d);
    let strings = sections.strings(e, bytes, link)?;
    let (entries, _) = sections.dynamic(e, bytes)?.unwrap_or((&[], link));
    for d in entries {
        let text = |d: &elf::Dyn64<_>| -> object::Result<String> {
            Ok(String::from_utf8_lossy(d.string(e, strings)?).into_owned())
        };
        match d.tag32(e) {
            Some(elf::DT_NEEDED) => o.needed.push(text(d)?),
            Some(elf::DT_SONAME) => o.soname = text(d)?,
            Some(elf::DT_FLAGS) => o.flags.0 = d.d_val(e),
            Some(elf::DT_FLAGS_1) => o.flags.1 = d.d_val(e),
            _ => {}
        }
    }
    Ok(o)
}
