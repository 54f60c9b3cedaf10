import { dir, fleet } from "floe";

export default fleet({
  name: "folder",
  description: 'A base in the project itself, for "two" systems',
  inputs: { nixpkgs: dir("./base") },
  hosts: dir("./hosts"),
  containers: dir("./containers"),
  shells: "./devshells.ts",
});
