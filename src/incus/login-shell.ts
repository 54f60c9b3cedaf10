/** What a person who enters an instance is given: the best shell there is. NixOS and Debian have both, a busybox has `sh` only. */
export const loginShell = ["/bin/sh", "-c", 'exec "$(command -v bash || echo /bin/sh)" -l'];
