/** Which areas a verb needs: `floe doctor apply` looks only there. */
import { UsageError } from "../errors.ts";
import { nearest } from "../util/nearest.ts";
import { type Area, areas } from "./finding.ts";

const base = ["floe", "project", "disk"] as const;
const nix = [...base, "nix", "programs"] as const;

const areasOf: Readonly<Record<string, readonly Area[]>> = {
  init: ["floe"],
  adopt: [...nix, "incus"],
  check: [...nix, "tools"],
  types: nix,
  why: nix,
  options: nix,
  synth: base,
  build: [...nix, "hosts"],
  shell: [...nix, "shells"],
  "shell-init": ["floe", "shells"],
  fmt: [...base, "tools", "git"],
  lint: [...base, "tools", "git"],
  hooks: [...base, "tools", "git"],
  ci: [...base, "git"],
  diff: [...nix, "git"],
  update: [...nix, "git"],
  list: [...nix, "incus"],
  graph: base,
  plan: [...nix, "incus", "hosts"],
  apply: [...nix, "incus"],
  switch: [...nix, "hosts"],
  boot: [...nix, "hosts"],
  test: [...nix, "hosts"],
  "dry-activate": [...nix, "hosts"],
  rollback: [...nix, "incus", "hosts"],
  history: [...base, "hosts"],
  gc: [...nix, "hosts"],
  restart: [...base, "incus"],
  start: [...base, "incus"],
  stop: [...base, "incus"],
  nightly: [...nix, "incus", "nightly"],
  logs: [...base, "incus"],
  exec: [...base, "incus"],
  image: [...base, "incus"],
  volume: [...base, "incus"],
  remote: ["floe", "incus"],
  serve: [...nix, "incus", "hosts", "serve"],
  "serve-unit": [...nix, "incus", "serve"],
};

/** Undefined: all of them. Of a verb of two words the first counts. @throws UsageError for what is no verb */
export function areasFor(verb: string | undefined): ReadonlySet<Area> {
  if (verb === undefined) return new Set(areas);
  const found = areasOf[verb];
  if (found !== undefined) return new Set(found);
  const near = nearest(verb, Object.keys(areasOf));
  throw new UsageError(`There is no verb "${verb}" that needs anything`, {
    hint: near === undefined ? "floe doctor looks at everything" : `Did you mean ${near}?`,
  });
}
