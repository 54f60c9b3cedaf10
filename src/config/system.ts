import type { Field } from "./field.ts";

const nixArchitectures: Readonly<Record<string, string>> = {
  x64: "x86_64",
  arm64: "aarch64",
  ia32: "i686",
  riscv64: "riscv64",
};

/** This machine's system, for a host or container that names none. */
export const defaultSystem = `${nixArchitectures[process.arch] ?? process.arch}-linux`;

/** A Nix system that can run NixOS. */
export function readSystem(field: Field): string {
  return field.textLike((text) => /^[a-z0-9_]+-linux$/.test(text), 'be a Nix system such as "x86_64-linux"');
}

/** A Nix system that packages and shells can be made for. */
export function readFlakeSystem(field: Field): string {
  return field.textLike((text) => /^[a-z0-9_]+-(?:linux|darwin)$/.test(text), 'be a Nix system such as "x86_64-linux"');
}
