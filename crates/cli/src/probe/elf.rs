//! What an ELF file says of itself: linked how, against what, by whom.

use super::Obstacle;
use object::elf;
use object::read::elf::{Dyn, FileHeader, ProgramHeader, SectionHeader};
use object::{Endianness, ReadCache};
use std::ffi::OsStr;
use std::fs::File;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

/// Which C library's loader runs the program.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Loader {
    Glibc,
    Musl,
    Other(String),
}

/// What matters of an ELF program.
#[derive(Clone, Debug, Default)]
pub struct Elf {
    pub loader: Option<Loader>,
    /// Its path.
    pub interpreter: Option<PathBuf>,
    pub machine: u16,
    pub bits: u8,
    /// Type ET_DYN: position independent.
    pub pie: bool,
    pub go: bool,
    /// Shared libraries it asks for.
    pub needed: Vec<String>,
}

/// No program needs more; a damaged file may claim to.
const MAX_NEEDED: usize = 1000;

impl Elf {
    /// Reads the program at `path`; None when it is no whole ELF file.
    pub fn read(path: &Path) -> Option<Elf> {
        let cache = ReadCache::new(File::open(path).ok()?);
        let mut ident = [0u8; 5];
        ident.copy_from_slice(object::ReadRef::read_bytes_at(&cache, 0, 5).ok()?);
        match ident[4] {
            elf::ELFCLASS64 => parse::<elf::FileHeader64<Endianness>, _>(&cache, 64),
            elf::ELFCLASS32 => parse::<elf::FileHeader32<Endianness>, _>(&cache, 32),
            _ => None,
        }
    }

    /// What speaks against tracing it.
    pub fn obstacle(&self) -> Option<Obstacle> {
        let own = if cfg!(target_arch = "x86_64") { elf::EM_X86_64 } else { elf::EM_AARCH64 };
        if self.machine != own || self.bits != 64 {
            return Some(Obstacle::Foreign { what: self.foreign() });
        }
        if self.go {
            return Some(Obstacle::Go { cgo: self.loader.is_some() });
        }
        if self.loader.is_none() {
            return Some(Obstacle::Static { pie: self.pie });
        }
        None
    }

    fn foreign(&self) -> String {
        let machine = match self.machine {
            elf::EM_386 => "x86".to_owned(),
            elf::EM_X86_64 => "x86-64".to_owned(),
            elf::EM_AARCH64 => "ARM64".to_owned(),
            elf::EM_ARM => "ARM".to_owned(),
            elf::EM_RISCV => "RISC-V".to_owned(),
            elf::EM_PPC64 => "POWER".to_owned(),
            elf::EM_S390 => "S/390".to_owned(),
            n => format!("ELF machine {n}"),
        };
        match (self.machine, self.bits) {
            (elf::EM_X86_64, 32) => "an x32 program (32-bit pointers)".to_owned(),
            (_, bits) => format!("a {bits}-bit program for {machine}"),
        }
    }

    /// The sanitizer runtime it is linked with, which must be loaded before everything else.
    pub fn sanitizer(&self) -> Option<&str> {
        self.needed.iter().map(String::as_str).find(|n| is_sanitizer(n))
    }
}

/// Whether a library is a sanitizer's runtime that insists on being first.
pub fn is_sanitizer(name: &str) -> bool {
    let file = name.rsplit('/').next().unwrap_or(name);
    ["libasan.so", "libtsan.so", "libclang_rt.asan", "libclang_rt.tsan", "libhwasan.so"]
        .iter()
        .any(|p| file.starts_with(p))
}

fn parse<'d, H, R>(data: R, bits: u8) -> Option<Elf>
where
    H: FileHeader<Endian = Endianness>,
    R: object::ReadRef<'d>,
{
    let header = H::parse(data).ok()?;
    let endian = header.endian().ok()?;
    let kind = header.e_type(endian);
    if kind != elf::ET_EXEC && kind != elf::ET_DYN {
        return None;
    }
    let mut e = Elf { machine: header.e_machine(endian), bits, pie: kind == elf::ET_DYN, ..Elf::default() };
    let segments = header.program_headers(endian, data).ok()?;
    for p in segments {
        if let Ok(Some(path)) = p.interpreter(endian, data) {
            e.loader = Some(loader(&String::from_utf8_lossy(path)));
            e.interpreter = Some(PathBuf::from(OsStr::from_bytes(path)));
        }
    }
    if let Ok(sections) = header.sections(endian, data) {
        for s in sections.iter() {
            let name = sections.section_name(endian, s).unwrap_or(&[]);
            e.go |= name == b".note.go.buildid" || name == b".go.buildinfo" && s.sh_size(endian).into() > 0;
        }
        if let Ok(Some((dynamic, link))) = sections.dynamic(endian, data) {
            let strings = sections.strings(endian, data, link).unwrap_or_default();
            let needed = dynamic.iter().filter(|d| d.tag32(endian) == Some(elf::DT_NEEDED));
            let name = |d: &H::Dyn| {
                let offset = u32::try_from(d.d_val(endian).into()).ok()?;
                strings.get(offset).ok().map(|s| String::from_utf8_lossy(s).into_owned())
            };
            e.needed = needed.take(MAX_NEEDED).filter_map(name).collect();
        }
    }
    Some(e)
}

fn loader(path: &str) -> Loader {
    let file = path.rsplit('/').next().unwrap_or(path);
    match file {
        f if f.starts_with("ld-linux") || f.starts_with("ld64.so") || f == "ld.so.1" => Loader::Glibc,
        f if f.starts_with("ld-musl") => Loader::Musl,
        _ => Loader::Other(path.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_test_is_a_dynamic_program() {
        let e = Elf::read(Path::new("/proc/self/exe")).unwrap();
        assert_eq!(e.loader, Some(Loader::Glibc));
        assert!(e.needed.iter().any(|n| n.starts_with("libc.so")), "{:?}", e.needed);
        assert_eq!(e.obstacle(), None);
        assert_eq!(e.sanitizer(), None);
        assert!(is_sanitizer("/usr/lib/libasan.so.8"));
    }

    #[test]
    fn damaged_files_are_no_programs() {
        let path = std::env::temp_dir().join(format!("socklens-elf-{}", std::process::id()));
        let whole = std::fs::read("/proc/self/exe").unwrap();
        for n in [5, 20, 63, 64, 200, 4096] {
            std::fs::write(&path, &whole[..n]).unwrap();
            if let Some(e) = Elf::read(&path) {
                let _ = e.obstacle();
            }
        }
        let mut bad = whole[..4096].to_vec();
        for i in 0..2000 {
            bad[(i * 37) % 4096] = bad[(i * 53) % 4096].wrapping_add(i as u8);
            bad[..6].copy_from_slice(&whole[..6]);
            std::fs::write(&path, &bad).unwrap();
            let _ = Elf::read(&path);
        }
        std::fs::remove_file(path).unwrap();
    }
}
