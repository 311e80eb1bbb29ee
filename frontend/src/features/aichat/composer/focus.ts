/** There is one message field on the page; whoever closes something gives the focus back to it. */
const COMPOSER_ID = "chat-composer";

export { COMPOSER_ID };

export function focusComposer(): void {
  document.getElementById(COMPOSER_ID)?.focus();
}
