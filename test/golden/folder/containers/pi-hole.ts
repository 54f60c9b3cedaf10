import { container } from "floe";
import { greeting } from "../modules/site.ts";

export default container({ system: "aarch64-linux" }, { imports: [greeting], services: { dns: { port: 53 } } });
