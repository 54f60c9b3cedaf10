/**
 * A container image of a Debian that a person would administer over SSH: systemd, sshd, sudo, doas, and Nix with its daemon.
 * Made on top of `debianImage` from Debian's packages (some 15 s) and kept beside it. What differs between machines, such as
 * keys and addresses, is put in by `ssh-machine.ts`.
 */
import { existsSync } from "node:fs";
import { copyFile, mkdir, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import type { ImageUpload } from "../../src/incus/types.ts";
import { cachedImage, skipDebian, unpackDebian } from "./debian-image.ts";
import { run } from "./run.ts";

/** The password of every user that has one. */
export const PASSWORD = "correct horse";

/** Those who can log in beside root, and how they become root. */
export type Elevating = "sudo" | "sudo-password" | "doas" | "none";
export const USERS: Readonly<Record<Elevating, string>> = {
  sudo: "deploy",
  "sudo-password": "admin",
  doas: "keeper",
  none: "guest",
};

/** libfaketime is for machines whose clock is wrong. */
const PACKAGES = [
  "openssh-server",
  "sudo",
  "opendoas",
  "iproute2",
  "nix-bin",
  "nix-setup-systemd",
  "libpam-systemd",
  "libfaketime",
];
/** Units that would only disturb. */
const MASKED = [
  "apt-daily.timer",
  "apt-daily-upgrade.timer",
  "e2scrub_all.timer",
  "fstrim.timer",
  "dpkg-db-backup.timer",
];

/** Each file less is one less to unpack for every machine. */
const SUPERFLUOUS = [
  "/usr/share/perl /usr/lib/*/perl /usr/lib/*/gconv",
  "/usr/share/zoneinfo /usr/share/bash-completion",
];

/** Files by path; those below sudoers.d must not be readable by others. */
const FILES: Readonly<Record<string, string>> = {
  "etc/nix/nix.conf": `build-users-group = nixbld
experimental-features = nix-command flakes
sandbox = false
substituters =
trusted-users = root
`,
  "etc/ssh/sshd_config.d/lab.conf": `HostKey /etc/ssh/ssh_host_ed25519_key
AuthorizedKeysFile /etc/ssh/authorized_keys
PermitRootLogin prohibit-password
PasswordAuthentication no
UseDNS no
`,
  // Debian opens the daemon to a group only, NixOS to all.
  "etc/tmpfiles.d/nix-daemon.conf": "d /nix/var/nix/daemon-socket 0755 root root\n",
  "etc/sudoers.d/lab": `${USERS.sudo} ALL=(ALL:ALL) NOPASSWD: ALL\n${USERS["sudo-password"]} ALL=(ALL:ALL) ALL\n`,
  "etc/doas.conf": `permit nopass ${USERS.doas}\n`,
  // The addresses come with the machine. Nothing but a script needs no udev.
  "etc/systemd/system/lab-network.service": `[Unit]
Description=The addresses of this machine
DefaultDependencies=no
After=local-fs.target
Before=network.target ssh.service

[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=/bin/sh /etc/lab-network

[Install]
WantedBy=multi-user.target
`,
};

/** For `describe.skipIf`: true where machines cannot be made. */
export function skipMachines(): boolean {
  if (skipDebian()) return true;
  if (process.getuid?.() === 0 && existsSync("/usr/bin/ssh-keygen")) return false;
  if ((process.env.FLOE_REQUIRE ?? "").split(",").includes("incus")) return false;
  console.warn(
    "Skipped: no machines to reach over SSH. They need root for their network, and the package openssh-client",
  );
  return true;
}

/** The image's files. @throws Error when debootstrap or apt fails, with what it said */
export function machineImage(): Promise<ImageUpload> {
  return cachedImage({ name: "debian-machine", recipe: [PACKAGES, FILES, MASKED, SET_UP], fill });
}

// --- internal ---

const SET_UP = `set -e
for user in ${Object.values(USERS).join(" ")}; do useradd --create-home --shell /bin/bash $user; done
echo '${USERS["sudo-password"]}:${PASSWORD}' | chpasswd
chmod 440 /etc/sudoers.d/lab
systemctl --quiet enable lab-network.service
systemctl --quiet mask ${MASKED.join(" ")}
mkdir -p /nix/var/nix/profiles /nix/var/nix/gcroots /nix/store
ln -sfn /nix/var/nix/profiles /nix/var/nix/gcroots/profiles
rm -f /etc/ssh/ssh_host_* /etc/hostname
rm -rf ${SUPERFLUOUS.join(" ")}
`;

async function fill(root: string): Promise<void> {
  await unpackDebian(root);
  await install(root);
  for (const [file, text] of Object.entries(FILES)) {
    await mkdir(path.dirname(path.join(root, file)), { recursive: true });
    await writeFile(path.join(root, file), text);
  }
  await run("chroot", [root, "/bin/sh", "-c", SET_UP]);
}

async function install(root: string): Promise<void> {
  const temporary = {
    "etc/dpkg/dpkg.cfg.d/quick": "force-unsafe-io\npath-exclude=/usr/share/doc/*\npath-exclude=/usr/share/man/*\n",
    // Or the packages would start their services, here and now.
    "usr/sbin/policy-rc.d": "#!/bin/sh\nexit 101\n",
    "etc/resolv.conf": "",
  };
  for (const [file, text] of Object.entries(temporary)) await writeFile(path.join(root, file), text, { mode: 0o755 });
  await copyFile("/etc/resolv.conf", path.join(root, "etc/resolv.conf"));
  for (const folder of ["var/lib/apt/lists/partial", "var/cache/apt/archives/partial"])
    await mkdir(path.join(root, folder), { recursive: true });
  const apt = (...args: readonly string[]) =>
    run("chroot", [root, "/usr/bin/env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "--quiet", "--quiet", ...args]);
  await apt("update");
  await apt("install", "--yes", "--no-install-recommends", ...PACKAGES);
  await Promise.all(Object.keys(temporary).map((file) => rm(path.join(root, file))));
}
