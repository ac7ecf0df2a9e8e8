"""What the operating system says of a failure, by the names of its error numbers; others are shown in its own words."""

from __future__ import annotations

from omnidesk.core.phrase import Text, register

register(
    {
        "EACCES": Text("Permission denied", "нет прав доступа"),
        "ECONNREFUSED": Text("Connection refused", "соединение отклонено"),
        "EDQUOT": Text("Disk quota exceeded", "превышена дисковая квота"),
        "EHOSTUNREACH": Text("No route to host", "нет маршрута к узлу"),
        "EIO": Text("Input/output error", "ошибка ввода-вывода"),
        "EISDIR": Text("Is a directory", "это каталог"),
        "ELOOP": Text("Too many levels of symbolic links", "слишком много вложенных символических ссылок"),
        "EMFILE": Text("Too many open files", "открыто слишком много файлов"),
        "ENETUNREACH": Text("Network is unreachable", "сеть недоступна"),
        "ENOENT": Text("No such file or directory", "нет такого файла или каталога"),
        "ENOSPC": Text("No space left on device", "на диске нет места"),
        "ENOTDIR": Text("Not a directory", "это не каталог"),
        "EPERM": Text("Operation not permitted", "операция не разрешена"),
        "EROFS": Text("Read-only file system", "файловая система доступна только для чтения"),
        "ETIMEDOUT": Text("Connection timed out", "время ожидания соединения истекло"),
    },
    "system",
)
