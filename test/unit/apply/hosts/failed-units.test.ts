import { expect, test } from "vitest";
import { conflictError, conflictsIn } from "../../../../src/apply/hosts/failed-units.ts";

test("conflictsIn() finds each file once, in the words of old and new releases of home-manager", () => {
  const text = `Checking link targets
Existing file '/home/me/.gitconfig' is in the way of '/nix/store/x-home-manager-files/.gitconfig'
Existing file '/home/me/.gitconfig' is in the way of '/nix/store/x-home-manager-files/.gitconfig', will be moved
Existing file '/home/me/.config/a b' would be clobbered by backing up '/home/me/.config/a'
Please do one of the following:`;
  expect(conflictsIn(text)).toEqual(["/home/me/.gitconfig", "/home/me/.config/a b"]);
  expect(conflictsIn("Existing files are fine")).toEqual([]);
});

test("conflictError() names the files and both ways out", () => {
  const { message, hint } = conflictError({ name: "crown", where: "root@crown.lan" }, ["/home/me/.gitconfig"]);
  expect(message).toBe('home-manager would overwrite a file that it did not make: "/home/me/.gitconfig"');
  expect(hint).toBe(
    'Move it away on root@crown.lan, or let home-manager do it: "home-manager": { backupFileExtension: "before-floe" } in host "crown"',
  );
});
