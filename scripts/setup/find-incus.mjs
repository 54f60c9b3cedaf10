// @ts-check
/** Which Incus the demo uses: one that is there and ready, else a private one. */
import path from "node:path";
import { incusAnswers, incusApi } from "./incus-api.mjs";
import { say } from "./say.mjs";

/**
 * The socket of a daemon that answers, trusts us and can make an instance; looked for where floe looks.
 * A daemon that was only installed has no storage yet, and it is not for us to give it some.
 * @returns {Promise<string | undefined>}
 */
export async function findIncus() {
  for (const socket of candidates()) {
    const answers = await incusAnswers(socket);
    if (answers === undefined) continue;
    if (await hasRootDisk(socket)) return socket;
    say(
      `Incus ${answers.version} answers on ${socket}, but its default profile has no root disk ("incus admin init" was not run): it is left alone`,
    );
  }
  return undefined;
}

// --- internal ---

function candidates() {
  const { INCUS_SOCKET, INCUS_DIR } = process.env;
  return [
    INCUS_SOCKET || [],
    INCUS_DIR ? path.join(INCUS_DIR, "unix.socket") : [],
    "/var/lib/incus/unix.socket",
  ].flat();
}

/** @param {string} socket */
async function hasRootDisk(socket) {
  const profile = await incusApi(socket, "GET", "/1.0/profiles/default");
  return Object.values(profile.devices).some((device) => device.type === "disk" && device.path === "/");
}
