"""What an approved statement may be made of. Everything not listed here is refused."""

from __future__ import annotations

from omnidesk.custom_fields.sql_check import SYSTEM_SCHEMAS
from omnidesk.custom_fields.sql_secrets import words

__all__ = [
    "BEFORE_PARENTHESIS",
    "COMPARING_FUNCTIONS",
    "COMPARISONS",
    "EXPRESSIONS",
    "FUNCTIONS",
    "SPOKEN",
    "SYSTEM_SCHEMAS",
    "WRAPPERS",
]

FUNCTIONS = words(
    """
    ABS ADDDATE ADDTIME ANY_VALUE ASCII AVG BIN BIT_AND BIT_COUNT BIT_LENGTH BIT_OR BIT_XOR CAST CEIL CEILING CHAR
    CHAR_LENGTH CHARACTER_LENGTH COALESCE CONCAT CONCAT_WS CONV CONVERT CONVERT_TZ COUNT CRC32 CURDATE CURRENT_DATE
    CURRENT_TIME CURRENT_TIMESTAMP CURTIME DATE DATE_ADD DATE_FORMAT DATE_SUB DATEDIFF DAY DAYNAME DAYOFMONTH DAYOFWEEK
    DAYOFYEAR DENSE_RANK ELT EXISTS EXTRACT FIELD FIND_IN_SET FIRST_VALUE FLOOR FORMAT FROM_DAYS FROM_UNIXTIME
    GET_FORMAT GREATEST GROUP_CONCAT HEX HOUR IF IFNULL INET_ATON INET_NTOA INET6_NTOA INSERT INSTR ISNULL JSON_EXTRACT
    JSON_LENGTH JSON_UNQUOTE JSON_VALID JSON_VALUE LAG LAST_DAY LAST_VALUE LCASE LEAD LEAST LEFT LENGTH LOCALTIME
    LOCALTIMESTAMP LOCATE LOWER LPAD LTRIM MAKEDATE MAKETIME MAX MD5 MICROSECOND MID MIN MINUTE MOD MONTH MONTHNAME
    NOW NTH_VALUE NTILE NULLIF NVL NVL2 OCTET_LENGTH ORD PERIOD_ADD PERIOD_DIFF POSITION POW POWER QUARTER QUOTE RAND
    RANK REGEXP_INSTR REGEXP_REPLACE REGEXP_SUBSTR REPEAT REPLACE REVERSE RIGHT ROUND ROW_NUMBER RPAD RTRIM SEC_TO_TIME
    SECOND SHA SHA1 SHA2 SIGN SOUNDEX SPACE SQRT STD STDDEV STR_TO_DATE STRCMP SUBDATE SUBSTR SUBSTRING SUBSTRING_INDEX
    SUBTIME SUM TIME TIME_FORMAT TIME_TO_SEC TIMEDIFF TIMESTAMP TIMESTAMPADD TIMESTAMPDIFF TO_DAYS TRIM TRUNCATE UCASE
    UNHEX UNIX_TIMESTAMP UPPER UTC_DATE UTC_TIME UTC_TIMESTAMP VARIANCE WEEK WEEKDAY WEEKOFYEAR YEAR YEARWEEK
    """
)
"""Functions of the server itself that compute from their arguments or read the clock."""

_KEYWORDS = words(
    "SELECT FROM WHERE AND OR NOT XOR IN AS ON USING OVER BY HAVING LIKE BETWEEN CASE WHEN THEN ELSE DISTINCT ALL ANY "
    "SOME UNION EXCEPT INTERSECT JOIN LEFT RIGHT INNER CROSS INTERVAL DIV REGEXP RLIKE IS LIMIT OFFSET END "
    "STRAIGHT_JOIN NATURAL OUTER INDEX KEY"
)
_TYPES = words("CHAR DECIMAL NUMERIC DEC BINARY DATETIME TIME FLOAT DOUBLE NCHAR VARCHAR")

BEFORE_PARENTHESIS = FUNCTIONS | _KEYWORDS | _TYPES
"""Every word that may stand before a parenthesis: this finds stored functions whatever the parser makes of them."""

EXPRESSIONS = words(
    """
    Select Union Intersect Except Subquery With CTE From Where Group Having Order Ordered Limit Offset Fetch Distinct
    Table TableAlias Join Column Identifier Alias Star Paren Tuple Literal Null Boolean National HexString BitString
    Introducer Var IndexTableHint
    And Or Xor Not EQ NEQ GT GTE LT LTE NullSafeEQ NullSafeNEQ Is In Between Like Escape RegexpLike Exists Any All
    Add Sub Mul Div IntDiv Mod Neg BitwiseAnd BitwiseOr BitwiseXor BitwiseNot BitwiseLeftShift BitwiseRightShift DPipe
    Case If Coalesce Nullif Cast TryCast Convert ConvertToCharset DataType DataTypeParam CharacterSet Collate Interval
    IntervalSpan Window WindowSpec Filter IgnoreNulls RespectNulls
    Anonymous Count CountIf Sum Avg Min Max GroupConcat Stddev StddevPop StddevSamp Variance VariancePop AnyValue
    BitwiseAndAgg BitwiseOrAgg BitwiseXorAgg BitwiseCount
    RowNumber Rank DenseRank Ntile Lag Lead FirstValue LastValue NthValue PercentRank CumeDist
    Concat ConcatWs Length Lower Upper Trim Substring SubstringIndex StrPosition Left Right Replace
    RegexpReplace RegexpExtract RegexpInstr RegexpSubstr Nvl2 Repeat Reverse Pad Space Ascii Chr Hex LowerHex Unhex
    Insert Format NumberToStr Elt Soundex BitLength ByteLength Unicode MD5 MD5Digest SHA SHA2 SHA1Digest SHA2Digest
    Abs Ceil Floor Round Trunc Sign Sqrt Pow Rand Greatest Least
    CurrentDate CurrentTime CurrentTimestamp CurrentDatetime Localtime Localtimestamp UtcDate UtcTime UtcTimestamp
    Date DateAdd DateSub DateDiff DateTrunc DateStrToDate DateToDateStr DatetimeAdd DatetimeSub DatetimeDiff
    TimestampAdd TimestampSub TimestampDiff TimestampTrunc Timestamp Time TimeAdd TimeSub TimeDiff TimeToStr StrToDate
    StrToTime TimeStrToTime TimeStrToDate TimeStrToUnix TimeToUnix StrToUnix UnixToTime UnixToTimeStr UnixToStr
    TsOrDsAdd TsOrDsToDate TsOrDsToDateStr TsOrDsToTimestamp TsOrDsToTime TsOrDsDiff Extract LastDay Year Month Day
    Week Quarter Hour Minute Second Dayname Monthname DayOfMonth DayOfWeek DayOfYear WeekOfYear YearOfWeek ToDays
    FromTimeZone AtTimeZone ConvertTimezone DateFromParts TimeFromParts TimestampFromParts
    JSONExtract JSONExtractScalar JSONPath JSONPathRoot JSONPathKey JSONPathSubscript JSONValue
    """
)
"""Kinds of the parser's expressions; Into, Lock, Parameter, SessionParameter, Command and others are missing."""

COMPARISONS = words(
    "EQ NEQ GT GTE LT LTE NullSafeEQ NullSafeNEQ Like RegexpLike In Between Escape StrPosition RegexpInstr "
    "RegexpSubstr RegexpExtract Greatest Least"
)
"""Where a constant says which rows are meant, and is not shown itself."""

COMPARING_FUNCTIONS = words("FIELD FIND_IN_SET STRCMP INSTR LOCATE POSITION")

WRAPPERS = words("Paren Tuple Cast Convert ConvertToCharset Collate Introducer Lower Upper Concat Trim")
"""What a constant may be wrapped into before it is compared."""

SPOKEN = {
    "Into": "INTO",
    "Lock": "FOR UPDATE",
    "Parameter": "@variable",
    "SessionParameter": "@@variable",
    "PropertyEQ": ":=",
    "Hint": "/*+ hint */",
}
"""What the administrator wrote for some of the parser's names."""
