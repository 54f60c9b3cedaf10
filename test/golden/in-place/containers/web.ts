import { container } from "floe";

export default container(
  { instances: { web: { server: "crown", update: "in-place" } } },
  { services: { nginx: { enable: true } } },
);
