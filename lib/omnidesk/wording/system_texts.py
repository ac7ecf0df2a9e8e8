"""What the operating system says of a failure, by the names of its error numbers; others are shown in its own words."""

from __future__ import annotations

from omnidesk.core.phrase import Text, register

register(
    {
        "E2BIG": Text("Argument list too long", "слишком длинный список аргументов"),
        "EACCES": Text("Permission denied", "нет прав доступа"),
        "EAGAIN": Text("Resource temporarily unavailable", "ресурс временно недоступен"),
        "ECONNREFUSED": Text("Connection refused", "соединение отклонено"),
        "ECONNRESET": Text("Connection reset by peer", "соединение сброшено"),
        "EDQUOT": Text("Disk quota exceeded", "превышена дисковая квота"),
        "EEXIST": Text("File exists", "на этом месте уже есть другой файл"),
        "EFBIG": Text("File too large", "файл слишком велик"),
        "EHOSTUNREACH": Text("No route to host", "нет маршрута к узлу"),
        "EIO": Text("Input/output error", "ошибка ввода-вывода"),
        "EISDIR": Text("Is a directory", "это каталог"),
        # Nearly always of a file or folder that is not opened through a link, as the module runs as root.
        "ELOOP": Text("A symbolic link is not followed here", "на этом месте символическая ссылка, она не допускается"),
        "EMFILE": Text("Too many open files", "открыто слишком много файлов"),
        "ENAMETOOLONG": Text("File name too long", "слишком длинное имя файла"),
        "ENETUNREACH": Text("Network is unreachable", "сеть недоступна"),
        "ENFILE": Text("Too many open files in system", "в системе открыто слишком много файлов"),
        "ENOENT": Text("No such file or directory", "нет такого файла или каталога"),
        "ENOEXEC": Text("Exec format error", "неверный формат исполняемого файла"),
        "ENOMEM": Text("Cannot allocate memory", "не хватает памяти"),
        "ENOSPC": Text("No space left on device", "на диске нет места"),
        "ENOTDIR": Text("Not a directory", "это не каталог"),
        "ENXIO": Text("No such device or address", "нет такого устройства или адреса"),
        "EPERM": Text("Operation not permitted", "операция не разрешена"),
        "EROFS": Text("Read-only file system", "файловая система доступна только для чтения"),
        "ETIMEDOUT": Text("Connection timed out", "время ожидания соединения истекло"),
        "ETXTBSY": Text("Text file busy", "исполняемый файл сейчас записывается"),
    },
    "system",
)
