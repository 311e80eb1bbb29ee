import { useEffect, useState } from "preact/hooks";

/**
 * The token of a mailed link, from the part of the address that no server sees. It is taken out of the address bar, and
 * so out of the history and of what people copy; a reload finds it no more, and then the letter is opened again.
 */
export function useMailedToken(): string | null {
  const [token, setToken] = useState(takeToken);

  useEffect(() => {
    // Somebody pastes a link into the very tab that asked for it: no page is loaded then.
    const look = () => setToken((before) => takeToken() ?? before);
    window.addEventListener("hashchange", look);
    return () => window.removeEventListener("hashchange", look);
  }, []);

  return token;
}

function takeToken(): string | null {
  const token = new URLSearchParams(window.location.hash.slice(1)).get("token");
  if (token !== null) window.history.replaceState(null, "", window.location.pathname + window.location.search);
  return token;
}
