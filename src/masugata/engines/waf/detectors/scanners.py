"""Programs that look for weaknesses, by what they say that they are.

Sources: the programs' own default User-Agent headers, as their source code and manuals have them.
"""

from masugata.engines.waf.detectors._detector import Place
from masugata.engines.waf.detectors._signs import CERTAIN, LIKELY, POSSIBLE, WEAK, Sign, SignDetector

_HEADERS = frozenset({Place.HEADER})
_SCANNERS = (
    "acunetix", "appscan", "arachni", "absinthe", "bsqlbf", "brutus", "burpcollaborator", "cgichk",
    "commix", "core-project/", "crimscanner",
    "datacha0s", "dirb/", "dirbuster", "feroxbuster", "fimap", "fuzz faster u fool", "ffuf",
    "gobuster", "grabber", "grendel-scan",
    "havij", "hydra/", "inspath", "internet ninja", "jaascois", "jorgee", "joomscan", "l9explore",
    "l9tcpid", "leakix",
    "masscan", "metis", "metasploit", "morfeus", "mysqloit", "n-stealth", "nessus", "netsparker",
    "nikto", "nmap",
    "nsauditor", "nuclei", "openvas", "pangolin", "paros", "pmafind", "qualys", "rapid7", "retire.js",
    "sitelockspider", "skipfish",
    "sqlmap", "sqlninja", "sqlpowerinjector", "sysscan", "tbi-webscanner", "toata dragostea", "vega/",
    "w3af", "webinspect", "webshag", "webtrends security analyzer",
    "webvulnscan", "wfuzz", "whatweb", "whcc/", "wpscan", "wprecon", "xsser", "xsstrike", "zaproxy",
    "zgrab", "zmeu", "detectify", "intruder.io",
    "dotdotpwn", "evilscanner", "black widow", "cyberneurova", "odin scanner", "dirsearch", "katana",
    "httpx - open-source", "jaeles", "interactsh", "amass", "aquatone",
)  # fmt: skip
_NAME = "|".join(name.replace(".", r"\.") for name in _SCANNERS)
_BOTS = (
    "libwww-perl", "python-urllib", "lwp::simple", "lwp-trivial", "wget", "curl", "python-requests",
    "go-http-client", "java/", "scrapy", "httpclient", "winhttp", "okhttp",
         "aiohttp", "mechanize", "phantomjs", "headlesschrome", "httrack", "webzip", "teleport",
         "offline explorer", "sitesnagger", "webcopier", "webreaper", "emailsiphon", "emailwolf",
         "emailcollector", "extractorpro", "cherrypicker", "grub-client", "psycheclone", "dragonfly",
         "indy library", "autoemailspider", "semrush", "petalbot", "mj12bot", "ahrefsbot", "dotbot",
)  # fmt: skip
_BOT = "|".join(name.replace(".", r"\.") for name in _BOTS)
# Not within the path of an address, as pages about these programs have them.
_BEFORE = r"(?:^|[\s;(+\[])"

SCANNERS = SignDetector(
    "scanner",
    (
        Sign(
            CERTAIN,
            "a program that looks for weaknesses",
            _SCANNERS,
            rf"(?:{_NAME})(?:[\s/;:).,_v-]|vt\b|$|[0-9])",
            _BEFORE,
            places=_HEADERS,
        ),
        Sign(
            LIKELY,
            "a name in the tests of a scanner",
            (
                "openvasvt",
                "openvas-vt",
                "nessus::soap",
                "acunetix_wvs_security_test",
                "acunetix-product",
                "x-scanner",
                "w3af.org",
                "nmap scripting engine",
                "appscan_fingerprint",
            ),
            (
                r"(?:openvas-?vt|nessus::soap|acunetix_wvs_security_test|acunetix-product|"
                r"w3af\.org|nmap scripting engine|appscan_fingerprint)"
            ),
        ),
        Sign(
            LIKELY,
            "a file that a scanner asks for",
            (
                "nikto-test",
                "nessustest",
                "appscan_fingerprint",
                "acunetix-wvs-test",
                "netsparker-",
                "sqlmap",
                "openvas",
                "actsensepostnotthere",
                "w00tw00t",
                "rfiinc.txt",
                "cirt.net/rfi",
            ),
            (
                r"(?:/nikto-test|/nessustest|/appscan_fingerprint|/acunetix-wvs-test|"
                r"/netsparker-[0-9a-f]{8}|/actsensepostnotthere|/w00tw00t|rfiinc\.txt|"
                r"cirt\.net/rfi)"
            ),
            r"[^?\s]{0,60}",
        ),
    ),
)
"""Finds scanners."""
BAD_BOTS = SignDetector(
    "bot",
    (
        Sign(
            POSSIBLE,
            "a program that copies sites or harvests addresses",
            (
                "httrack",
                "webzip",
                "teleport",
                "offline explorer",
                "sitesnagger",
                "webcopier",
                "webreaper",
                "emailsiphon",
                "emailwolf",
                "emailcollector",
                "extractorpro",
                "cherrypicker",
                "grub-client",
                "psycheclone",
                "indy library",
                "autoemailspider",
            ),
            (
                r"(?:httrack|webzip|teleport|offline explorer|sitesnagger|webcopier|"
                r"webreaper|email(?:siphon|wolf|collector)|extractorpro|cherrypicker|"
                r"grub-client|psycheclone|indy library|autoemailspider)"
            ),
            _BEFORE,
            places=_HEADERS,
        ),
        Sign(WEAK, "a library instead of a browser", _BOTS, rf"(?:{_BOT})", _BEFORE, places=_HEADERS),
    ),
)
"""Finds programs that harvest sites; libraries that honest programs use too are weak evidence."""
