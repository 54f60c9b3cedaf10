/**
 * What `floe types` knows of the fleet's nixpkgs: `.floe/types` adds `module`, `options`, `config`, `pkgs` and `lib` to it. Empty, and
 * everything untyped, until then. Apart from the other types, because only what "floe" exports as a whole can be added to.
 */
// biome-ignore lint/suspicious/noEmptyInterface: other files add to it
export interface NixTypes {}
