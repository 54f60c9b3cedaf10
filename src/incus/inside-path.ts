/** Where programs are looked for in an instance: what Incus itself takes, and where NixOS has them. */
export const insidePath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:/run/current-system/sw/bin";
