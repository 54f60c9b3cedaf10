import { container } from "floe";

export default container({ instances: { db: { server: "crown" } } }, { services: { postgresql: { enable: true } } });
