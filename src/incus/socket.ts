/** Finding this machine's Incus socket, and saying why it cannot be used. */
import { accessSync, constants } from "node:fs";
import { stat } from "node:fs/promises";
import path from "node:path";
import { type FloeError, IncusError, MissingError } from "../errors.ts";

/** The folder of an Incus that was installed as a system service. */
const SYSTEM_FOLDER = "/var/lib/incus";

/**
 * Where this machine's socket is. What someone named counts, in the fleet, in `$INCUS_SOCKET` or in `$INCUS_DIR`, there or not:
 * falling back to another daemon would change machines that were not meant. Of the two sockets of one daemon it is the one for
 * administrators where we may use it, else the one for members of the group `incus`, who have a project of their own.
 */
export function socketPath(explicit: string | undefined, environment: NodeJS.ProcessEnv = process.env): string {
  const { INCUS_SOCKET, INCUS_DIR } = environment;
  return explicit || INCUS_SOCKET || socketIn(INCUS_DIR || SYSTEM_FOLDER);
}

function socketIn(folder: string): string {
  const socket = path.join(folder, "unix.socket");
  const ofUser = `${socket}.user`;
  return !isUsable(socket) && isUsable(ofUser) ? ofUser : socket;
}

/**
 * The socket, once it is known to be there.
 * @throws MissingError when it is not
 */
export async function requireSocket(socket: string): Promise<string> {
  if (await mayExist(socket)) return socket;
  throw new MissingError(`No Incus socket found: looked for "${socket}"`, {
    hint: 'Install and start Incus, or set INCUS_DIR to the folder of one that runs. "floe doctor" checks this machine',
    details: { socket },
  });
}

/** Turns the system's error for a connection to the socket into one that says what to do. */
export function socketFailure(socket: string, what: string, cause: unknown): FloeError {
  const code = (cause as NodeJS.ErrnoException).code;
  const details = { socket, systemError: code };
  switch (code) {
    case "EACCES":
    case "EPERM":
      return new MissingError(`No permission to use the Incus socket "${socket}"`, {
        hint: 'Members of the group "incus-admin" may: run "sudo usermod -aG incus-admin $USER", then log in again',
        details,
        cause,
      });
    case "ENOENT":
      return new MissingError(`There is no Incus socket "${socket}"`, {
        hint: 'Start Incus, then run "floe doctor"',
        details,
        cause,
      });
    case "ECONNREFUSED":
      return new MissingError(`Incus does not answer on its socket "${socket}"`, {
        hint: 'Start it, for example with "sudo systemctl start incus", then run "floe doctor"',
        details,
        cause,
      });
    default:
      return new IncusError(
        `Cannot ${what}: the connection to Incus on "${socket}" broke: ${(cause as Error).message}`,
        {
          hint: "Incus may have been stopped or restarted: run the command again when it is up",
          details,
          cause,
        },
      );
  }
}

function isUsable(socket: string): boolean {
  try {
    accessSync(socket, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

/** False only when it certainly is not there: what may not be looked at gets its own message when it is used. */
async function mayExist(file: string): Promise<boolean> {
  try {
    await stat(file);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EACCES";
  }
}
