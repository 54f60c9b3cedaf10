import { host } from "floe";

export default host({ tags: ["nothing"] }, {});
