/** Where Nix builds beside here, and where what it built goes. */
import type { Builder, PushCache } from "../model/fleet.ts";
import { defined } from "../util/defined.ts";
import type { Field } from "./field.ts";
import { defaultSystem, readSystem } from "./system.ts";

/** A builder is one line of words to Nix, so none of its parts may have a blank, or a comma in a list. */
export function readBuilder(field: Field): Builder {
  const keys = field.keys(
    ...(["host", "systems", "maxJobs", "speed", "features", "mandatoryFeatures", "key", "hostKey"] as const),
  );
  const systems = keys.systems.list(readSystem);
  return defined({
    host: keys.host.textLike(
      (text) => /^(ssh|ssh-ng):\/\/[^\s;]+$/.test(text),
      'be a store that SSH reaches, such as "ssh-ng://nix@build.lan"',
    ),
    systems: systems.length === 0 ? [defaultSystem] : systems,
    maxJobs: keys.maxJobs.integer(1, 1000, 1),
    speed: keys.speed.integer(1, 1000, 1),
    features: keys.features.list(readFeature),
    mandatoryFeatures: keys.mandatoryFeatures.list(readFeature),
    key: keys.key.optional((key) => readKeyPath(key, "an SSH key")),
    hostKey: keys.hostKey.optional((key) =>
      key.textLike(
        (text) => /^[A-Za-z0-9+/]+=*$/.test(text),
        "be the machine's key in base64, as `base64 -w0 /etc/ssh/ssh_host_ed25519_key.pub` prints it there",
      ),
    ),
  });
}

export function readPushCaches(field: Field): PushCache[] {
  if (!field.isGiven) return [];
  return field.keys("push").push.list(readPushCache);
}

// --- internal ---

function readPushCache(field: Field): PushCache {
  const keys = field.keys("url", "key");
  return defined({
    url: keys.url.textLike(
      (text) => /^(file:\/\/\/|(ssh|ssh-ng|s3):\/\/)[^\s]+$/.test(text),
      'be a store that can be written to, such as "file:///srv/cache", "ssh-ng://root@cache.lan" or "s3://bucket"',
    ),
    key: keys.key.optional((key) => readKeyPath(key, "a secret key")),
  });
}

function readFeature(field: Field): string {
  return field.textLike((text) => /^[\w.:-]+$/.test(text), 'be a feature such as "kvm" or "big-parallel"');
}

/** Its content is never read by floe. */
function readKeyPath(field: Field, what: string): string {
  return field.textLike((text) => /^\/[^\s;]*$/.test(text), `be the absolute path of ${what}, without blanks`);
}
