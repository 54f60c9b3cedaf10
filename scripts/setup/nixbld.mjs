// @ts-check
/** Users that Nix builds as, where root runs Nix without a daemon: Debian's nix-bin brings none. */
import fs from "node:fs";
import { outputOf, runShown } from "./programs.mjs";
import { say } from "./say.mjs";

/** As many builds can run at once. */
const COUNT = 10;

/** Does nothing where a Nix daemon builds, where root does not run this, or where the users are there. */
export function ensureBuildUsers() {
  if (process.getuid?.() !== 0 || fs.existsSync("/nix/var/nix/daemon-socket/socket")) return;
  const members = /^nixbld:[^:]*:\d+:(.*)$/m.exec(outputOf("getent", ["group", "nixbld"]) ?? "")?.[1];
  if (members) return;
  say(`Adding the group nixbld with ${COUNT} users, so that Nix does not build as root`);
  if (members === undefined) runShown("groupadd", ["--system", "nixbld"]);
  for (let number = 1; number <= COUNT; number++) {
    const name = `nixbld${number}`;
    // Nix reads the members from the group's own list, where a user's first group does not show.
    if (outputOf("getent", ["passwd", name]) !== undefined)
      runShown("usermod", ["--append", "--groups", "nixbld", name]);
    else
      runShown("useradd", [
        "--system",
        "--no-create-home",
        "--home-dir",
        "/var/empty",
        "--shell",
        "/usr/sbin/nologin",
        "--gid",
        "nixbld",
        "--groups",
        "nixbld",
        "--comment",
        "Nix build user",
        name,
      ]);
  }
}
