import { dictionary } from "@/lib/i18n";

export const t = dictionary({
  en: {
    refused: "The server does not allow this connection.",
    malformed: "This page and the server do not understand each other. Reload the page.",
    revoked: "This session was ended. Sign in again.",
    expired: "Your session is over. Sign in again.",
    saved: "Saved messages",
    notSent: "This message could not be sent.",
    lostFile: "The file is no longer there. Attach it again.",
    photo: "Photo",
    video: "Video",
    audio: "Voice message",
    file: "File",
    deleted: "Message deleted",
    user: "User",
  },
  uk: {
    refused: "Сервер не дозволяє це з’єднання.",
    malformed: "Сторінка й сервер не розуміють одне одного. Перезавантажте сторінку.",
    revoked: "Цей сеанс завершено. Увійдіть знову.",
    expired: "Ваш сеанс закінчився. Увійдіть знову.",
    saved: "Збережене",
    notSent: "Не вдалося надіслати це повідомлення.",
    lostFile: "Файлу вже немає. Прикріпіть його знову.",
    photo: "Фото",
    video: "Відео",
    audio: "Голосове повідомлення",
    file: "Файл",
    deleted: "Повідомлення видалено",
    user: "Користувач",
  },
});
