/** The test runner's page knows no popovers; they are shown and hidden by doing nothing. */
export function installPopover(): void {
  const nothing = { configurable: true, writable: true, value: () => undefined };
  Object.defineProperty(HTMLElement.prototype, "showPopover", nothing);
  Object.defineProperty(HTMLElement.prototype, "hidePopover", nothing);
}
