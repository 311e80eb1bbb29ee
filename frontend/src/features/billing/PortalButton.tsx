import { useState } from "preact/hooks";

import { errorText } from "@/lib/errorText";
import { Button, toast } from "@/ui";

import { openPortal } from "./api";

interface PortalButtonProps {
  label: string;
  variant?: "primary" | "secondary";
}

/** Leaves for the payment service's own pages; their address lives for minutes, so it is asked for when it is wanted. */
export function PortalButton({ label, variant = "secondary" }: PortalButtonProps) {
  const [busy, setBusy] = useState(false);
  const open = async () => {
    setBusy(true);
    try {
      window.location.assign((await openPortal()).url);
    } catch (error) {
      toast(errorText(error), { tone: "danger" });
      setBusy(false);
    }
  };
  return (
    <Button variant={variant} loading={busy} onClick={() => void open()}>
      {label}
    </Button>
  );
}
