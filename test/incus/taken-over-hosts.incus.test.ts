/** A host and a home of a flake that floe did not write, on real machines over SSH, with the built command: what `switch` and its relatives do with them. */
import { cp } from "node:fs/promises";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type ExistingFlake, existingFlake } from "../support/existing-flake.ts";
import { firnSystem } from "../support/firn-system.ts";
import { type FloeResult, floe } from "../support/floe.ts";
import { skipIncus, type TestIncus, testIncus } from "../support/incus.ts";
import { skipMachines } from "../support/machine-image.ts";
import { type SshLab, type SshMachine, sshLab } from "../support/ssh-machine.ts";

const flakeText = `{
  inputs.nixpkgs.url = "NIXPKGS";
  outputs = { self, nixpkgs }:
    let
      system = "x86_64-linux";
      home-manager = (import ./home-manager/flake.nix).outputs { self = home-manager; };
    in
    {
      nixosConfigurations.crown = nixpkgs.lib.nixosSystem {
        inherit system;
        modules = [ ./hosts/crown.nix { system.configurationRevision = self.rev or "dirty"; } ];
      };
      homeConfigurations."guest@house" = home-manager.lib.homeManagerConfiguration {
        pkgs = nixpkgs.legacyPackages.\${system};
        modules = [ ./homes/guest.nix ];
      };
    };
}
`;
const fleetText = `import { fleet, home, host } from "floe";
export default fleet({
  name: "taken-over",
  flake: "./flake.nix",
  hosts: { crown: host({ from: "nixosConfigurations.crown", system: "x86_64-linux", target: "crown", confirm: "10s" }) },
  homes: {
    "guest@house": home({ from: 'homeConfigurations."guest@house"', system: "x86_64-linux", user: "guest", target: "house" }),
  },
});
`;
/** What is in this machine's store already is not built, so the words are this run's own. */
const stamp = Date.now().toString(36);
const crownNix = (word: string): string => `{
  networking.hostName = "crown";
  system.stateVersion = "26.05";
  services.beat.script = "exec sleep 1000000";
  environment.etc.lab-page.text = "${word} ${stamp}";
}
`;
const guestNix = (word: string): string =>
  `{ home.username = "guest"; home.file.".greeting".text = "${word} ${stamp}"; }\n`;

describe.skipIf(skipIncus() || skipMachines())("hosts and homes of an existing flake", { timeout: 120_000 }, () => {
  let incus: TestIncus;
  let lab: SshLab<"crown" | "house">;
  let flake: ExistingFlake;
  let crown: SshMachine;
  const run = (...args: string[]): Promise<FloeResult> => floe(flake.root, args, { ...lab.env, USER: "tester" });
  const done = async (...args: string[]): Promise<FloeResult> => {
    const result = await run(...args);
    expect(result.exitCode, result.stdout + result.stderr).toBe(0);
    return result;
  };
  const page = (): Promise<string> => crown.sh("cat /etc/lab-page");
  const greeting = (): Promise<string> => lab.machines.house.sh("cat /home/guest/.greeting");

  beforeAll(async () => {
    incus = await testIncus();
    const labStarts = sshLab(incus, { crown: {}, house: { elevation: "none", trusted: true } });
    flake = await existingFlake({
      "flake.nix": flakeText,
      "floe.config.ts": fleetText,
      "hosts/crown.nix": crownNix("first"),
      "homes/guest.nix": guestNix("first"),
    });
    await cp(path.resolve(import.meta.dirname, "home-manager"), path.join(flake.root, "home-manager"), {
      recursive: true,
    });
    lab = await labStarts;
    crown = lab.machines.crown;
    await crown.installSystem(await firnSystem({ hostName: "crown" }));
  }, 300_000);
  afterAll(async () => {
    await lab?.remove();
    await incus?.remove();
    await flake?.remove();
  });

  test("switch builds, copies, confirms and records both; then there is nothing to do", async () => {
    // Makes flake.lock, which belongs to the commit.
    await done("build", "crown", "--no-push");
    await flake.commit();
    await done("switch", "crown", "guest@house", "--yes");
    expect([await page(), await greeting()]).toEqual([`first ${stamp}`, `first ${stamp}`]);
    const { current, profile, boot } = await crown.systemOf();
    expect([profile, boot]).toEqual([current, current]);
    expect((await done("switch", "crown", "--yes")).stdout).toContain("Nothing to do: the host is as described");
    const rev = (await flake.git("rev-parse", "HEAD")).trim();
    const { generations } = JSON.parse((await done("history", "crown", "--json")).stdout);
    expect(generations[0]).toMatchObject({
      system: current,
      revision: rev.slice(0, 12),
      isCurrent: true,
      isNext: true,
    });
  });

  test("test leaves what boots as it is, boot leaves what runs as it is", async () => {
    const before = await crown.systemOf();
    await flake.write("hosts/crown.nix", crownNix("second"));
    await done("test", "crown", "--yes");
    expect(await page()).toBe(`second ${stamp}`);
    const tested = await crown.systemOf();
    expect([tested.boot, tested.profile]).toEqual([before.boot, before.profile]);
    await flake.write("hosts/crown.nix", crownNix("third"));
    await done("boot", "crown", "--yes");
    expect(await page()).toBe(`second ${stamp}`);
    const { current, profile, boot } = await crown.systemOf();
    expect(boot).not.toBe(before.boot);
    expect({ current, profile }).toEqual({ current: tested.current, profile: boot });
  });

  test("rollback --to goes to a generation by its number; a home goes back", async () => {
    await done("rollback", "crown", "--to", "2", "--yes");
    expect(await page()).toBe(`first ${stamp}`);
    const { current, profile, boot } = await crown.systemOf();
    expect([profile, boot]).toEqual([current, current]);
    await flake.write("homes/guest.nix", guestNix("second"));
    await done("switch", "guest@house", "--yes");
    expect(await greeting()).toBe(`second ${stamp}`);
    await done("rollback", "guest@house", "--yes");
    expect(await greeting()).toBe(`first ${stamp}`);
  });

  test("a mistake in its Nix is told with its line, and the machine runs on", async () => {
    await flake.write("hosts/crown.nix", `{\n  networking.hostNam = "crown";\n}\n`);
    const before = await crown.systemOf();
    const { exitCode, stderr } = await run("switch", "crown", "--yes");
    expect(exitCode).toBe(1);
    expect(stderr).toContain("hosts/crown.nix:2");
    expect(await crown.systemOf()).toEqual(before);
  });
});
