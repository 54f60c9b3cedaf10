/** What another commit makes different in flakes that floe did not write: `floe diff` and `floe build --changed-since` ask for this. */
import { mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { afterEach, expect, test } from "vitest";
import { findProject } from "../../src/config/find.ts";
import { compareWith, load, writeFlake } from "../../src/pipeline.ts";
import {
  type ExistingFlake,
  existingFlake,
  flakeFiles,
  fleetText,
  allSame as same,
} from "../support/existing-flake.ts";
import { nixCommand } from "../support/nix.ts";
import { run } from "../support/run.ts";

const work = { emit: () => {}, signal: new AbortController().signal };
process.env["FLOE_NIX"] = nixCommand;

let flake: ExistingFlake | undefined;
afterEach(async () => {
  await flake?.remove();
  flake = undefined;
});

/** The state of each part, against HEAD or another commit. */
async function states(root: string, ref = "HEAD"): Promise<Record<string, string>> {
  const fleet = await load(findProject(root), work);
  await writeFlake(fleet, work);
  const { comparison } = await compareWith(fleet, ref, work);
  expect(comparison.base.problem).toBeUndefined();
  return Object.fromEntries(comparison.parts.map(({ kind, name, state }) => [`${kind} ${name}`, state]));
}

/** Its text is what the host is made of; `crown` reads the revision and the time. */
const crown = readsRevision(flakeFiles["hosts/crown.nix"]);

function readsRevision(text: string | undefined): string {
  // What reads the whole source is another thing with every file, which is true and tested elsewhere.
  return (text ?? "").replace(/ *source\.text = .*\n/, "");
}

test("with the repository's own revision, changes and TypeScript beside it", async () => {
  flake = await existingFlake({ ...flakeFiles, "hosts/crown.nix": crown, "floe.config.ts": fleetText() });
  const { root, write, commit, git } = flake;
  const fleet = await load(findProject(root), work);
  await compareWith(fleet, "", work);
  await commit();
  expect(await states(root)).toEqual(same);
  // A commit by itself makes nothing different, though crown has its name.
  await write("README.md", "Words.\n");
  expect(await states(root)).toEqual(same);
  await commit();
  expect(await states(root, "HEAD~1")).toEqual(same);
  await write("hosts/pearl.nix", '{ networking.hostName = "pearl"; time.timeZone = "UTC"; }\n');
  await write("floe.config.ts", fleetText({ hosts: 'opal: host({ networking: { hostName: "opal" } }),' }));
  expect(await states(root)).toEqual({ ...same, "host pearl": "changed", "host opal": "new" });
  await commit();
  await write("flake.nix", (flakeFiles["flake.nix"] ?? "").replace("HELLO=aws", "HELLO=other"));
  await write("floe.config.ts", fleetText());
  await git("add", "--all");
  expect(await states(root)).toEqual({ ...same, "host opal": "gone", "shell aws": "changed" });
  expect((await git("diff", "--cached", "--name-only")).split("\n")).toContain("flake.nix");
});

test("of a flake in a folder of a repository that reads files beside it and in a submodule", async () => {
  flake = await existingFlake({ "common.nix": '{ networking.hostName = "pearl"; }\n' });
  const { root, write, commit, git } = flake;
  const parts = path.join(path.dirname(root), "parts");
  mkdirSync(parts);
  writeFileSync(path.join(parts, "zone.nix"), '{ time.timeZone = "UTC"; }\n');
  await run("git", ["-C", parts, "init", "--quiet"]);
  await run("git", ["-C", parts, "add", "."]);
  const named = ["-c", "user.name=a", "-c", "user.email=a@example.org", "-c", "commit.gpgsign=false"];
  await run("git", ["-C", parts, ...named, "commit", "-qm", "one"]);
  await git("-c", "protocol.file.allow=always", "submodule", "--quiet", "add", parts, "parts");
  for (const [file, text] of Object.entries(flakeFiles)) await write(`systems/${file}`, text);
  await write("systems/hosts/crown.nix", crown);
  await write("systems/hosts/pearl.nix", "{ imports = [ ../../common.nix ../../parts/zone.nix ]; }\n");
  await write("systems/floe.config.ts", fleetText());
  const systems = path.join(root, "systems");
  await compareWith(await load(findProject(systems), work), "", work);
  await commit();
  expect(await states(systems)).toEqual(same);
  await write("common.nix", '{ networking.hostName = "pearl2"; }\n');
  expect(await states(systems)).toEqual({ ...same, "host pearl": "changed" });
});
