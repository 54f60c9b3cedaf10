import type { JSX } from "preact";

/** The room of a few rows. */
export function LoadingRows(): JSX.Element {
  return (
    <div class="table-box loading-rows" role="status" aria-label="Loading">
      {Array.from({ length: 6 }, (_, index) => (
        <div key={index}>
          <span class="bone" />
        </div>
      ))}
    </div>
  );
}
