import { host } from "floe";
import { greeting, tools } from "../modules/site.ts";

export default host({ system: "aarch64-linux", target: "root@pi.lan" }, { imports: [greeting, tools] });
