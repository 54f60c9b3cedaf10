/** What is shown at an address that is no page's. */
import type { JSX } from "preact";
import { href } from "../state/base.ts";
import { ButtonLink, PageHead } from "../ui/basics.tsx";

export function NotFoundPage(): JSX.Element {
  return (
    <>
      <PageHead title="There is no such page">The address may be mistyped, or what it was about is gone.</PageHead>
      <ButtonLink href={href()} kind="primary">
        To the fleet
      </ButtonLink>
    </>
  );
}
