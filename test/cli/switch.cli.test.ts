/** What a user types and reads: hosts of this machine, and what is refused before anything is touched. */
import { cpSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { hostname, tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { addFirnBase } from "../support/firn-system.ts";
import { bin, buildFloe, floe, skipNix } from "./support/floe.ts";
import { inView, skipNamespaces } from "./support/machine-view.ts";

const root = realpathSync(mkdtempSync(path.join(tmpdir(), "floe-switch-")));
afterAll(() => rmSync(root, { recursive: true, force: true }));

const write = (file: string, text: string): void => {
  mkdirSync(path.dirname(path.join(root, file)), { recursive: true });
  writeFileSync(path.join(root, file), text);
};
const host = (name: string, spec: string, page = ""): void =>
  write(
    `hosts/${name}.ts`,
    `import { host } from "floe";
export default host({ ${spec} }, {
  networking: { hostName: "${name}" },
  system: { stateVersion: "26.05" },
  services: { beat: { script: "exec sleep 1000000" } },
  environment: { etc: { "floe-lab-page": { text: "${page}" } } },
});
`,
  );

beforeAll(async () => {
  buildFloe();
  cpSync(path.resolve(import.meta.dirname, "../../firn"), path.join(root, "firn"), { recursive: true });
  write(
    "floe.config.ts",
    `import { dir, fleet } from "floe";
export default fleet({ name: "lab", inputs: { nixpkgs: dir("./firn") }, hosts: dir("./hosts") });
`,
  );
  host("crown", 'target: "root@crown.invalid"');
  host("atlas", "");
}, 120_000);

describe("floe switch", () => {
  test.each([
    [["switch"], 2, `This machine is called "${hostname().split(".")[0]}", and the fleet has no host of that name`],
    [["switch", "crwn"], 2, "Did you mean crown?"],
    [["switch", "crown", "--keep-going", "--fail-fast"], 2, "exclude each other"],
    [["boot", "crown", "--no-rollback"], 2, "--no-rollback is for what runs"],
    [["switch", "*", "--store-path", "/nix/store/x"], 2, "--store-path is for one host, and 2 are chosen"],
    [["switch", "crown", "--build-on", "mars"], 2, "mars"],
    [["switch", "crown", "--max-parallel", "0"], 2, "not a whole number above zero"],
  ] as const)("%s", async (args, exitCode, words) => {
    const ended = await floe([...args, "-C", root]);
    expect(ended.stderr).toMatch(words);
    expect(ended.exitCode).toBe(exitCode);
  });

  test("a host without a target is reached only from the machine of that name", async () => {
    const ended = await floe(["switch", "atlas", "-C", root, "--yes"]);
    expect(ended.stderr).toMatch('"atlas" has no target, so it is reached only from the machine of that name');
    expect(ended.stderr).toMatch('target: "root@atlas"');
    expect(ended.exitCode).toBe(1);
  });

  test("each verb has its help with an example", async () => {
    for (const verb of ["switch", "boot", "test", "dry-activate"])
      expect((await floe(["help", verb])).stdout).toMatch(`floe ${verb} `);
  });
});

describe.skipIf(skipNix() || skipNamespaces())("floe switch, for this machine", { timeout: 120_000 }, () => {
  const machine = mkdtempSync(path.join(tmpdir(), "floe-view-"));
  beforeAll(() => addFirnBase());
  afterAll(() => rmSync(machine, { recursive: true, force: true }));
  const here = (...args: string[]): string => inView({ machine, hostName: "atlas", cwd: root }, args);

  test("its host is found by its name; what is written is what runs and boots", () => {
    host("atlas", 'confirm: "20s"', "one");
    const script = `"$0" "$1" switch --yes && readlink -f /run/current-system && readlink -f /nix/var/nix/profiles/system &&
      cat /etc/floe-lab-page && echo && cut -f 3 /var/lib/floe/generations && "$0" "$1" switch --yes &&
      /run/current-system/sw/bin/firn-service stop-all > /dev/null 2>&1 || true`;
    const lines = here("sh", "-c", script, process.execPath, bin).trim().split("\n");
    expect(lines[0]).toMatch(/✓ atlas +done/);
    const [system, profile, page, fleet, again] = lines.slice(lines.findIndex((line) => line.startsWith("/nix/store")));
    expect(system).toMatch(/^\/nix\/store\/[0-9a-z]{32}-nixos-system-atlas-/);
    expect([profile, page, fleet]).toEqual([system, "one", "lab"]);
    expect(again).toBe("Nothing to do: the host is as described");
    expect(readFileSync(path.join(root, ".floe/hosts/atlas.json"), "utf8")).toMatch('"hostName":"atlas"');
  });
});
