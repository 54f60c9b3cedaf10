const CPUS: Readonly<Record<string, string>> = {
  x64: "x86_64",
  arm64: "aarch64",
  ia32: "i686",
  arm: "armv7l",
  riscv64: "riscv64",
  ppc64: "powerpc64le",
};

/** Nix's name of this machine's system, for example `x86_64-linux`. */
export function localSystem(): string {
  return `${CPUS[process.arch] ?? process.arch}-${process.platform}`;
}
