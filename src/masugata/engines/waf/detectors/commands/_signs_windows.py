"""What gives cmd.exe and PowerShell away.

Sources: Microsoft's documentation of cmd, about_Operators and about_PowerShell_exe; LOLBAS; MITRE ATT&CK
T1059.001 and T1059.003.
"""

from masugata.engines.waf.detectors._signs import CERTAIN, LIKELY, POSSIBLE, WEAK, WORD, Sign, SignDetector

_IF = r"if(?:\s{1,12}|\s{0,12}/i\s{1,12})(?:not\s{1,12})?"
"""The start of a condition of cmd.exe."""
WINDOWS_SIGNS = SignDetector(
    "cmdi",
    (
        Sign(
            LIKELY,
            "a shell of Windows with a command",
            ("cmd", "comspec"),
            r"(?:cmd(?:\.exe)?|%comspec%)[\s\"^,;]{1,6}/(?:v:on\s{1,4}/)?[ckr]",
            r"(?:^|[^a-z0-9_])",
            WEAK,
        ),
        Sign(
            LIKELY,
            "letters cut out of a variable of Windows",
            ("%",),
            r"%(?:[a-z()0-9_]{3,24}):~[-0-9,]{1,8}%",
        ),
        Sign(LIKELY, "a name that carets part", ("^",), r"\^[a-z](?:\^?[a-z]){0,3}\^[a-z]", r"[a-z]"),
        Sign(
            LIKELY,
            "a download by a program of Windows",
            ("certutil", "bitsadmin", "mshta", "regsvr32"),
            (
                r"(?:certutil(?:\.exe)?\s.{0,40}(?:urlcache|decode)|bitsadmin(?:\.exe)?\s{1,4}/transfe"
                r"r|mshta(?:\.exe)?\s{1,4}(?:https?:|javascript:|vbscript:)|regsvr32(?:\.exe)?\s.{0,40"
                r"}/i:)"
            ),
            WORD,
            WEAK,
        ),
        Sign(
            LIKELY,
            "an account or a service of Windows",
            (
                "net user",
                "net localgroup",
                "net share",
                "net view",
                "reg add",
                "reg query",
                "wmic process",
                "wmic os",
                "wmic useraccount",
                "net group",
                "net1 user",
            ),
            (
                r"(?:net1?\s{1,4}(?:user|localgroup|group|share|view)\b(?:\s{1,4}[\w/\\%\"]|"
                r"\s{0,4}$|\s{0,4}[|&>])|reg\s{1,4}(?:add|query|save)\s{1,4}\"?hk|"
                r"wmic\s{1,4}(?:process|os|useraccount|qfe|product)\b)"
            ),
            r"(?:^|[&|;`(\n\"']\s{0,4})(?:cmd(?:\.exe)?\s{1,4}/c\s{1,4})?",
            WEAK,
        ),
        Sign(
            LIKELY,
            "a loop of cmd.exe",
            ("for ",),
            (
                r"for\s{1,4}(?:/[dflr]\s{1,8}){0,3}(?:[a-z]:[^\s]{1,60}\s{1,4}|"
                r"['\"][^'\"]{0,60}['\"]\s{1,4})?%{1,2}[^\s%]{1,12}\s{1,4}in\s{0,4}\([^)]{0,120}\)\s"
                r"{0,4}do\s"
            ),
            r"(?:^|[&|;(\n]\s{0,4})",
        ),
        Sign(
            LIKELY,
            "a condition of cmd.exe",
            ("if ", "if("),
            (
                r"if\s{1,10}(?:/i\s{1,4})?(?:not\s{1,4})?(?:(?:exist|defined|"
                r"errorlevel|cmdextversion)\s{1,16}[^\s]{1,60}\s{1,16}\(?\s{0,4}(?:echo|"
                r"set|del|call|exit|goto|copy|start|rd|md|cmd|type|powershell)\b|"
                r"[^\s]{1,40}\s{1,16}(?:equ|neq|lss|leq|gtr|geq)\s|[\"\[][^\s]{0,40}[\"\]]\s{0,4}==\s{"
                r"0,4}[\"\[]|[^\s]{1,30}==[^\s]{1,30}\s{1,16}\(?(?:echo|set|del|"
                r"call|exit|goto|copy|start)\b)"
            ),
            r"(?:^|[&|;(\n]\s{0,4})",
            WEAK,
        ),
        Sign(
            LIKELY,
            "a condition of cmd.exe",
            ("if ", "if/"),
            (
                rf"{_IF}(?:[^\s]{{1,40}}\s{{1,16}}(?:equ|neq|lss|leq|gtr|geq)\s{{1,16}}[\"'%\d!-]|"
                r"(?:exist|defined)\s{1,16}(?:[^\s]{0,40}[.%\\/\"][^\s]{0,40}\s{1,16}(?:\(|(?:echo|set|del|"
                r"call|exit|goto|copy|start|rd|md|cmd|type|powershell)\b)|[^\s]{1,40}\s{0,16}\(\s{0,4}(?:echo|"
                r"set|del|call|exit|goto|copy|start|rd|md|cmd|type|powershell)\b)|"
                r"\"[^\"\n]{0,40}\"\s{0,4}==\s{0,4}\"[^\"\n]{0,40}\"\s{1,16}\(?[a-z])"
            ),
            r"(?:^|[&|;(]\s{0,4})",
        ),
        Sign(
            LIKELY,
            "a condition of cmd.exe",
            ("if ", "if/"),
            rf"{_IF}[^\s=:(]{{1,40}}==[^\s=:)]{{1,40}}\s{{1,16}}\(?[a-z%]",
            r"(?:^|[&|;(]\s{0,4})",
            WEAK,
        ),
        Sign(
            LIKELY,
            "the registry of Windows, written to a file",
            ("regedit", "reg export"),
            r"(?:regedit(?:\.exe)?\s{1,4}/[a-z]\b|reg\s{1,4}export\s)",
            r"(?:^|[^a-z0-9_])",
            WEAK,
        ),
        Sign(
            POSSIBLE,
            "a folder of Windows, listed",
            ("dir",),
            r"dir[\s+]{1,4}['\"]?(?:[a-z]:[/\\\"']?|\\\\|/[abdswl]\b|%\w{3,20}%)",
            r"(?:^|[&|;`(\n\"'+]\s{0,4})",
            WEAK,
        ),
        Sign(
            LIKELY,
            "a file of Windows, printed",
            ("type ", "type+", "more "),
            r"(?:type|more)[\s+]{1,4}['\"]?(?:[a-z]:[/\\]|%\w{3,20}%|\\\\|\.\.[/\\])",
            r"(?:^|[&|;`(\n\"']\s{0,4})",
            WEAK,
        ),
    ),
)
_ALIASES = (
    r"(?:invoke-(?:expression|webrequest|restmethod|command|item|"
    r"mimikatz|shellcode|wmimethod|obfuscation)|iex|iwr|irm)"
)
POWERSHELL_SIGNS = SignDetector(
    "cmdi",
    (
        Sign(
            CERTAIN,
            "a script for PowerShell",
            ("powershell", "pwsh"),
            (
                r"(?:powershell|pwsh)(?:\.exe)?['\"\s^]{1,4}.{0,80}?[-/](?:e(?:nc|"
                r"ncodedcommand|c|p)?|c(?:ommand)?|nop(?:rofile)?|w(?:indowstyle)?|"
                r"noni\w{0,12}|exec(?:utionpolicy)?|f(?:ile)?|sta|version)\b"
            ),
            r"(?:^|[^a-z0-9_])",
            WEAK,
        ),
        Sign(
            LIKELY,
            "a command of PowerShell",
            ("powershell", "pwsh"),
            (
                r"(?:powershell|pwsh)(?:\.exe)?\s{1,4}['\"({$&]?(?:[a-z]{2,12}-[a-z]{3,20}|"
                r"iex|ls|dir|\$|\(|whoami)"
            ),
            r"(?:^|[&|;`(\n\"']\s{0,4})",
            WEAK,
        ),
        Sign(
            CERTAIN,
            "a text that PowerShell runs",
            ("invoke-", "iex", "iwr", "irm"),
            (
                rf"{_ALIASES}[\s(]{{1,4}}['\"($&\[{{]?(?:\(?new-object|\$|\(|['\"]|"
                r"https?:|iwr|irm|invoke|\[)"
            ),
            r"(?:^|[;|&({`\s\"'])",
            WEAK,
        ),
        Sign(
            LIKELY,
            "a command of PowerShell with a parameter",
            ("invoke-", "iwmi", "gwmi", "icim", "gcim", "ipmo", "iex", "iwr", "irm", "icm", "saps", "sajb"),
            r"(?:invoke-[a-z]{3,20}|iwmi|gwmi|icim|gcim|ipmo|iex|iwr|irm|icm|saps|sajb)\s{1,4}-[a-z]{3,20}[\s:]",
            r"(?:^|[;|&({`\s\"'=])",
            WEAK,
        ),
        Sign(
            LIKELY,
            "an object of .NET in PowerShell",
            (
                "new-object",
                "[system.",
                "[net.",
                "[convert]",
                "[reflection.",
                "[text.encoding]",
                "[io.",
                "[scriptblock]",
                "[char]",
            ),
            (
                r"(?:new-object\s{1,4}(?:system\.)?(?:net\.|io\.|com|management|"
                r"diagnostics)|\[(?:system\.)?(?:net|convert|reflection|text\.encoding|"
                r"io|scriptblock|diagnostics|char)[\w.]{0,40}\]\s?(?:::|\d|\())"
            ),
            in_prose=WEAK,
        ),
        Sign(
            CERTAIN,
            "a download by PowerShell",
            ("downloadstring", "downloadfile", "downloaddata", "start-bitstransfer"),
            r"(?:download(?:string|file|data)\s?\(|start-bitstransfer\s)",
            in_prose=WEAK,
        ),
        Sign(
            LIKELY,
            "a command of PowerShell",
            (
                "get-",
                "set-",
                "start-",
                "stop-",
                "remove-",
                "new-",
                "add-",
                "out-",
                "import-",
                "test-",
                "enable-",
            ),
            r"(?:get-(?:content|process|childitem|wmiobject|ciminstance|service|"
            r"credential|clipboard|acl|itemproperty|localuser|adgroup|aduser|"
            r"adcomputer|command|eventlog|netipaddress|hotfix)|"
            r"set-(?:executionpolicy|itemproperty|mppreference|content|alias)|"
            r"start-(?:process|job|sleep|service)|stop-process|remove-item(?:property)?|"
            r"new-(?:localuser|service|itemproperty|psdrive|scheduledtask)|"
            r"add-(?:type|mppreference|localgroupmember|content)|out-(?:file|"
            r"minidump)|import-module|test-(?:netconnection|connection)|enable-psremoting)(?:\s|"
            r"$|[;|)'\"])",
            r"(?:^|[;|&({`\n\"']\s{0,4})",
            WEAK,
        ),
        Sign(
            POSSIBLE,
            "an option that turns off PowerShell's policy",
            ("-executionpolicy", "-encodedcommand", "-windowstyle", "-noprofile"),
            (
                r"-(?:executionpolicy\s{1,4}(?:bypass|unrestricted)|encodedcommand\s{1,4}[a-z0-9+/]{16"
                r"}|windowstyle\s{1,4}hidden|noprofile\s{1,4}-)"
            ),
            in_prose=WEAK,
        ),
        Sign(
            POSSIBLE,
            "variables of PowerShell",
            ("$env:", "$psversiontable", "$executioncontext"),
            r"\$(?:env:[a-z]{3,24}|psversiontable|executioncontext\.)",
            r"(?:^|[;|&({`\s\"'])",
            WEAK,
        ),
    ),
)
