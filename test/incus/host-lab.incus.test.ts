/** The machines that tests make are what they claim to be: everything on this page is real, or the other host tests prove nothing. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { addFirnBase, firnSystem } from "../support/firn-system.ts";
import { skipIncus, type TestIncus, testIncus } from "../support/incus.ts";
import { skipMachines } from "../support/machine-image.ts";
import { run } from "../support/run.ts";
import { type SshLab, type SshMachine, sshLab } from "../support/ssh-machine.ts";

describe.skipIf(skipIncus() || skipMachines())("machines over SSH", { timeout: 120_000 }, () => {
  let incus: TestIncus;
  let lab: SshLab<"crown" | "atlas" | "inner" | "keep">;
  let crown: SshMachine;
  beforeAll(async () => {
    await addFirnBase();
    incus = await testIncus();
    lab = await sshLab(incus, {
      crown: {},
      atlas: { elevation: "sudo-password" },
      inner: { jump: "crown", elevation: "sudo" },
      keep: { elevation: "doas", trusted: true, memory: "256MiB" },
    });
    crown = lab.machines.crown;
  }, 240_000);
  afterAll(async () => {
    await lab?.remove();
    await incus?.remove();
  });
  const ssh = (...args: string[]) => run("ssh", args, { env: lab.env });

  test("each is reached by its name, as its user, through its jump host", async () => {
    expect(await ssh("crown", "hostname; id -un")).toBe("crown\nroot\n");
    expect(await ssh("atlas", "hostname; id -un")).toBe("atlas\nadmin\n");
    expect(await ssh("inner", "hostname; sudo -n id -un")).toBe("inner\nroot\n");
    expect(await ssh("keep", "hostname; doas -n id -un")).toBe("keep\nroot\n");
    await expect(run("ping", ["-c1", "-W1", lab.machines.inner.address])).rejects.toThrow();
    expect((await crown.sh("systemctl is-system-running --wait || true")).split("\n")).toEqual(["running"]);
  });

  test("sudo wants the password where it should", async () => {
    await expect(ssh("atlas", "sudo -n id")).rejects.toThrow("password is required");
    const { password } = lab.machines.atlas;
    expect(await ssh("atlas", `echo '${password}' | sudo -S -p '' id -un`)).toBe("root\n");
  });

  test("nix copies into its store, as root or one who is trusted", async () => {
    const made = await firnSystem({ hostName: "copied" });
    const copy = (name: string) =>
      run(
        "nix",
        ["--extra-experimental-features", "nix-command", "copy", "--no-check-sigs", "--to", `ssh-ng://${name}`, made],
        { env: lab.env },
      );
    await copy("crown");
    await copy("keep");
    expect(await crown.sh(`nix-store --check-validity ${made} && ls ${made}/bin`)).toBe("switch-to-configuration");
    await expect(copy("atlas")).rejects.toThrow(/signature|trusted/);
  });

  test("a system of firn that is installed runs, and runs after a boot", async () => {
    expect(await crown.systemOf()).toEqual({ current: undefined, profile: undefined, boot: undefined });
    const system = await firnSystem({ hostName: "crown", config: `services.beat.script = "exec sleep 1000000";` });
    await crown.installSystem(system);
    const all = { current: system, profile: system, boot: system };
    expect(await crown.systemOf()).toEqual(all);
    expect(await crown.sh("systemctl is-active beat; readlink /run/booted-system")).toBe(`active\n${system}`);
    const bootId = await ssh("crown", "cat /proc/sys/kernel/random/boot_id; cat /proc/1/stat | cut -d' ' -f22");
    await crown.reboot();
    expect(await ssh("crown", "cat /proc/sys/kernel/random/boot_id; cat /proc/1/stat | cut -d' ' -f22")).not.toBe(
      bootId,
    );
    await expect.poll(() => crown.systemOf(), { timeout: 10_000 }).toEqual(all);
    await expect.poll(() => crown.sh("systemctl is-active beat || true"), { timeout: 10_000 }).toBe("active");
    expect(await crown.sh("readlink /run/booted-system")).toBe(system);
  });

  test("a system that cannot live: the unit has failed, sshd is stopped, the next boot is what it was made", async () => {
    const good = await crown.systemOf();
    const bad = await firnSystem({
      hostName: "crown",
      config: `
        services.short = { script = "sleep 1; exit 3"; restart = "no"; };
        system.activationScripts.no-sshd = "/usr/bin/systemctl stop ssh.service";`,
    });
    await crown.addClosure(bad);
    await crown.sh(`${bad}/bin/switch-to-configuration test`);
    expect(await crown.systemOf()).toEqual({ ...good, current: bad });
    await expect(ssh("crown", "true")).rejects.toThrow("Connection refused");
    const failed = () => crown.sh("systemctl list-units --failed --plain --no-legend | cut -d' ' -f1");
    await expect.poll(failed, { timeout: 10_000 }).toBe("short.service");
    await crown.sh(`systemctl start ssh; ${good.current}/bin/switch-to-configuration test`);
    expect(await failed()).toBe("");
    await crown.sh(`${bad}/bin/switch-to-configuration boot`);
    expect(await crown.systemOf()).toEqual({ ...good, boot: bad });
    await crown.sh(`${good.current}/bin/switch-to-configuration boot`);
    const held = "flock /run/nixos/switch-to-configuration.lock";
    await expect(crown.sh(`${held} ${good.current}/bin/switch-to-configuration test`)).rejects.toThrow("acquire lock");
  });

  test("faults: the network is cut, the disk full, the clock wrong, memory short, the name leads elsewhere", async () => {
    await crown.cutNetwork();
    await expect(ssh("-o", "ConnectTimeout=1", "crown", "true")).rejects.toThrow("timed out");
    expect(await crown.sh("hostname")).toBe("crown");
    await crown.restoreNetwork();
    expect(await ssh("crown", "hostname")).toBe("crown\n");

    await crown.fillDisk(100_000);
    await expect(crown.sh("head -c 200000 /dev/zero >/nix/store/fill")).rejects.toThrow("No space left");
    await crown.sh("rm /nix/store/fill; nix-store --check-validity $(readlink -f /run/current-system)");
    await crown.freeDisk();
    await crown.sh("head -c 200000 /dev/zero >/nix/store/fill; rm /nix/store/fill");

    const secondsOff = async () => Number(await ssh("crown", "date +%s")) - Date.now() / 1000;
    await crown.setClock("+3h");
    expect(Math.abs((await secondsOff()) - 3 * 3600)).toBeLessThan(60);
    expect(
      Number(await ssh("crown", "systemd-run --wait --pipe --quiet date +%s")) - Date.now() / 1000,
    ).toBeGreaterThan(10_000);
    await crown.setClock(null);
    expect(Math.abs(await secondsOff())).toBeLessThan(60);

    await expect(ssh("keep", "head -c 400000000 /dev/zero | tail -c 399999999 >/dev/null")).rejects.toThrow();

    await lab.redirect("crown", "keep");
    expect(await ssh("crown", "hostname")).toBe("keep\n");
    await lab.redirect("crown", null);
    await lab.setKnownKey("crown", "other");
    await expect(ssh("crown", "hostname")).rejects.toThrow("HOST IDENTIFICATION HAS CHANGED");
    await lab.setKnownKey("crown", "own");
    expect(await ssh("crown", "hostname")).toBe("crown\n");
  });
});
