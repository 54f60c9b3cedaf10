/**
 * Systems for tests of activation: store paths that hold nothing but a `switch-to-configuration`, which does what the test chose
 * and says it. `/boot-default` stands for the boot loader, `/var/log/switches` for what was run.
 */
import { randomBytes } from "node:crypto";
import { chmod, mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import type { ActivationRequest } from "../../src/apply/activation/activation.ts";
import { run } from "../support/run.ts";
import type { SshMachine } from "../support/ssh-machine.ts";

export interface FakeSystem {
  /** Shell that `boot` runs, after it made this the one that boots. */
  readonly onBoot?: string;
  /** Shell that `switch` and `test` run before it is the current one. */
  readonly onSwitch?: string;
  /** The same, once it is. */
  readonly after?: string;
  /** Where its `sw` leads to. */
  readonly sw?: string;
}

/** The store path of a system of this name. */
export async function fakeSystem(
  name: string,
  { onBoot = "", onSwitch = "", after = "", sw }: FakeSystem = {},
): Promise<string> {
  const folder = await mkdtemp(path.join(os.tmpdir(), "floe-fake-"));
  try {
    const root = path.join(folder, `nixos-system-${name}`);
    await mkdir(path.join(root, "bin"), { recursive: true });
    const script = path.join(root, "bin/switch-to-configuration");
    await writeFile(
      script,
      `#!/bin/sh
# ${randomBytes(4).toString("hex")}
PATH=/run/current-system/sw/bin:/usr/sbin:/usr/bin:/sbin:/bin
script=$(readlink -f "$0")
self=\${script%/bin/*}
echo "${name} $1"
mkdir -p /var/log
echo "${name} $1" >>/var/log/switches
case $1 in boot | switch) ln -sfn "$self" /boot-default ;; esac
if [ "$1" = boot ]; then
  ${onBoot || ":"}
  exit 0
fi
${onSwitch}
ln -sfn "$self" /run/current-system
${after}
exit 0
`,
    );
    await chmod(script, 0o755);
    if (sw !== undefined) await symlink(sw, path.join(root, "sw"));
    return (await run("nix-store", ["--add", root])).trim();
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

export function requestOf(system: string, more: Partial<ActivationRequest> = {}): ActivationRequest {
  return {
    id: `t-${randomBytes(4).toString("hex")}`,
    system,
    action: "switch",
    confirmSeconds: 60,
    record: { fleet: "home", revision: "4a1f", by: "me@desk" },
    ...more,
  };
}

/** What runs, what the profile leads to and what boots, each by the name of the fake system, and what was run since the last time. */
export async function stateOf(machine: Pick<SshMachine, "sh">): Promise<{
  readonly current: string;
  readonly profile: string;
  readonly boots: string;
  readonly ran: readonly string[];
}> {
  const text = await machine.sh(`
    for link in /run/current-system /nix/var/nix/profiles/system /boot-default; do
      readlink -f "$link" | sed 's/.*nixos-system-//'
    done
    cat /var/log/switches 2>/dev/null
    rm -f /var/log/switches`);
  const [current = "", profile = "", boots = "", ...ran] = text.split("\n");
  return { current, profile, boots, ran };
}

/** Lets the machine boot what `/boot-default` says, as a boot loader would. */
export async function bootFakes(machine: Pick<SshMachine, "sh">): Promise<void> {
  await machine.sh(`cat >/etc/systemd/system/fake-boot.service <<'END'
[Unit]
Before=ssh.service
[Service]
Type=oneshot
ExecStart=/bin/sh -c 'ln -sfn "$(readlink -f /boot-default)" /run/current-system; ln -sfn "$(readlink -f /boot-default)" /run/booted-system'
[Install]
WantedBy=multi-user.target
END
systemctl enable --quiet fake-boot`);
}
