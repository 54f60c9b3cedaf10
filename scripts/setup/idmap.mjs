// @ts-check
/** Ids for unprivileged containers: Incus maps their users to a range that /etc/subuid and /etc/subgid give to root. */
import fs from "node:fs";
import { say } from "./say.mjs";

/** A range far above real users, as wide as Incus' own packages make it. */
const ENTRY = "root:1000000:1000000000";

/** Adds the range to a file that gives root none; says so. */
export function ensureIdMap() {
  for (const file of ["/etc/subuid", "/etc/subgid"]) {
    const text = fs.existsSync(file) ? fs.readFileSync(file, "utf8") : "";
    if (/^(root|0):\d+:\d+$/m.test(text)) continue;
    say(`Adding "${ENTRY}" to ${file}: Incus needs a range of ids for unprivileged containers`);
    fs.writeFileSync(file, `${text}${text === "" || text.endsWith("\n") ? "" : "\n"}${ENTRY}\n`);
  }
}
