/** The servers on the network that this machine knows: what the verbs `remote add`, `remote list` and `remote remove` do. */
export { addRemote } from "./add.ts";
export { identityFiles } from "./identity.ts";
export { listRemotes } from "./list.ts";
export { removeRemote } from "./remove.ts";
