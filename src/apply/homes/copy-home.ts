/** Bringing a generation to a user's machine, where that user may be anybody. */
import { FloeError } from "../../errors.ts";
import type { CopyOptions, Machine } from "../../machine/machine.ts";

/**
 * Nix takes paths that nobody signed only from those it trusts; others have to become root for it. Whoever cannot may still let the machine fetch
 * what a binary cache of its own has.
 * @throws FloeError that says what can be done when none of it works; NixError, ConnectionError, CancelledError
 */
export async function copyHome(machine: Machine, generation: string, options: CopyOptions): Promise<void> {
  try {
    await machine.copyClosures([generation], options);
  } catch (cause) {
    if (!(cause instanceof FloeError) || !isAboutTrust(cause)) throw cause;
    const fetched = await machine.run(["nix-store", "--realise", generation], {
      signal: options.signal,
      timeoutMs: fetchMs,
    });
    if (fetched.exitCode === 0) return;
    throw new FloeError(
      `The Nix store of ${machine.where} takes nothing unsigned from this user, who cannot become root there either. ${cause.message}`,
      {
        hint: `Let an administrator there add the user to "trusted-users" in /etc/nix/nix.conf and restart nix-daemon; or push to a signed binary cache that the machine knows: caches: { push: [...] }`,
        cause,
      },
    );
  }
}

// --- internal ---

const fetchMs = 1_800_000;

/** Root was asked for and was not to be had, or the store spoke of signatures. */
function isAboutTrust({ message, code }: FloeError): boolean {
  return code !== "CONNECTION" && /signature|trusted|become root/i.test(message);
}
