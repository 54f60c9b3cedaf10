/**
 * What floe foresees of units beside NixOS' own switch-to-configuration, which FLOE_NIXPKGS brings: its text as it is, with only D-Bus,
 * syslog and a module for files replaced. It sees random units of an old and a new system in a mount namespace of its own.
 */
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { expect, onTestFinished, test } from "vitest";
import type { UnitChanges } from "../../src/model/host-plan.ts";
import { parseDryActivate } from "../../src/plan/hosts/dry-activate.ts";
import { unitsHere } from "../../src/plan/hosts/new-system.ts";
import { predictUnits } from "../../src/plan/hosts/units.ts";
import { nix } from "../support/nix.ts";
import { nixpkgsUrl } from "../support/nixpkgs.ts";
import { run } from "../support/run.ts";

const url = nixpkgsUrl();
const isRoot = process.getuid?.() === 0 && existsSync("/usr/bin/unshare") && existsSync("/usr/bin/perl");
if (url === undefined) console.warn("Skipped: units beside NixOS' script need FLOE_NIXPKGS, a flake of nixpkgs");
else if (!isRoot) console.warn("Skipped: units beside NixOS' script need root, unshare and perl");

const fixtures = path.resolve(import.meta.dirname, "fixtures/host-plan/perl");

test.skipIf(url === undefined || !isRoot)("foresees what NixOS' script says", { timeout: 300_000 }, async () => {
  const script = await scriptOfNixos(url ?? "");
  if (script === undefined) return console.warn("Skipped: this nixpkgs has no script in Perl any more");
  let told = 0;
  for (let seed = 1; seed <= 15; seed++) {
    const folder = await mkdtemp(path.join(os.tmpdir(), "floe-units-"));
    onTestFinished(() => rm(folder, { recursive: true, force: true }));
    const world = randomWorld(seed);
    const [old, next] = [path.join(folder, "old"), path.join(folder, "new")];
    await writeSystem(old, world.old);
    await writeSystem(next, world.next);
    const said = await dryActivate(folder, script, world.active);
    const [before, after] = [unitsHere(old), unitsHere(next)];
    if (before === undefined || after === undefined) throw new Error("no units");
    const keptOnRemoval = new Set(
      world.old.flatMap(({ name, lines }) => (lines.includes("X-StopOnRemoval=false") ? [name] : [])),
    );
    const foreseen = predictUnits({ links: before.links, keptOnRemoval }, after, new Set(world.active));
    const wanted = comparable(parseDryActivate(said));
    expect(comparable(foreseen), `seed ${seed}:\n${said}`).toEqual(wanted);
    told += Object.values(wanted).flat().length;
  }
  expect(told).toBeGreaterThan(75);
});

/** The script does not say what it leaves alone because of its kind, and names what is new only after it has started it. */
function comparable({ stop, restart, reload, notRestarted }: UnitChanges): Omit<UnitChanges, "start"> {
  return {
    stop,
    restart,
    reload,
    notRestarted: notRestarted.filter((name) => !/\.(?:socket|path|slice|target)$/.test(name)),
  };
}

interface Unit {
  readonly name: string;
  readonly lines: string;
  /** Another number: another store path. */
  readonly content: number;
}

const settings = [
  "X-RestartIfChanged=false",
  "X-StopIfChanged=false",
  "X-ReloadIfChanged=true",
  "X-OnlyManualStart=true",
  "X-StopOnRemoval=false",
  "RefuseManualStop=yes",
];

function randomWorld(seed: number): { old: Unit[]; next: Unit[]; active: string[] } {
  let state = seed * 2_654_435_761;
  const chance = (share: number): boolean => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32 < share;
  };
  const kinds = ["service", "service", "service", "socket", "timer", "mount", "path", "slice"];
  const names = Array.from(
    { length: 24 },
    (_, index) => `u${Math.floor(index / 2)}.${kinds[(index * 5 + seed) % kinds.length]}`,
  );
  const unique = [...new Set([...names, "getty@.service"])];
  const unit = (name: string, content: number): Unit => ({
    name,
    content,
    lines: settings.filter(() => chance(0.15)).join("\n"),
  });
  const old = unique.filter(() => chance(0.9)).map((name) => unit(name, 1));
  const next = unique.flatMap((name) => {
    const before = old.find((each) => each.name === name);
    if (before !== undefined && chance(0.4)) return [before];
    return chance(0.85) ? [unit(name, 2)] : [];
  });
  const running = unique.filter(() => chance(0.7)).filter((name) => name !== "getty@.service");
  return { old, next, active: [...running, "getty@tty1.service", "other.service"] };
}

async function writeSystem(folder: string, units: readonly Unit[]): Promise<void> {
  const system = path.join(folder, "etc/systemd/system");
  await mkdir(system, { recursive: true });
  await writeFile(path.join(folder, "init-interface-version"), "");
  for (const { name, lines, content } of units) {
    const own = path.join(path.dirname(folder), "store", `${content}-unit-${name}`);
    await mkdir(own, { recursive: true });
    await writeFile(path.join(own, name), `[Unit]\nDescription=${name}\n${lines}\n`);
    await symlink(path.join(own, name), path.join(system, name));
  }
}

async function dryActivate(folder: string, script: string, active: readonly string[]): Promise<string> {
  await mkdir(path.join(folder, "systemd/lib/systemd"), { recursive: true });
  await writeFile(path.join(folder, "systemd/lib/systemd/systemd"), "");
  await writeFile(path.join(folder, "active"), active.map((name) => `${name}\n`).join(""));
  const text = script
    .replaceAll("@out@", path.join(folder, "new"))
    .replaceAll("@systemd@", path.join(folder, "systemd"));
  await writeFile(
    path.join(folder, "script.pl"),
    text.replaceAll("@localeArchive@", "").replace(/@\w+@/g, "/usr/bin/perl"),
  );
  const inside = `set -e
mount -t tmpfs none /etc
mkdir /etc/systemd
touch /etc/NIXOS /etc/fstab
ln -s "$1/old/etc/systemd/system" /etc/systemd/system
perl -I"$2" "$1/script.pl" dry-activate >"$1/said" 2>&1 || { cat "$1/said" >&2; exit 1; }
cat "$1/said"`;
  const env = { ...process.env, NIXOS_NO_SYNC: "1", FLOE_TEST_ACTIVE: path.join(folder, "active") };
  return run("unshare", ["--mount", "sh", "-c", inside, "sh", folder, fixtures], { env });
}

async function scriptOfNixos(flake: string): Promise<string | undefined> {
  const metadata = JSON.parse(await nix(["flake", "metadata", "--json", flake])) as { readonly path: string };
  const file = path.join(metadata.path, "nixos/modules/system/activation/switch-to-configuration.pl");
  return readFile(file, "utf8").catch(() => undefined);
}
