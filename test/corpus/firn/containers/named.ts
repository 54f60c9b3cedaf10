import { container } from "floe";

export default container({ networking: { hostName: "always-this" }, virtualisation: { lxc: { compressionLevel: 3 } } });
