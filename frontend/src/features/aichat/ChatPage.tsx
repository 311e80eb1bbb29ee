import type { PageProps } from "@/app/feature";

export default function ChatPage({ params }: PageProps) {
  return <h1>{params.id ?? "Chat"}</h1>;
}
