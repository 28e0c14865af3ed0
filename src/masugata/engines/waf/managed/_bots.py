"""Robots that say who they are, and how some of them can be told from those who only claim to be them.

Names are what they send in `User-Agent`, as their owners document it. Addresses are what the owners publish:
networks that are theirs alone, or their autonomous system. Owners of the others publish long lists that
change, which `feeds` can bring, or answer by reverse DNS, which nobody asks here; without either a robot
counts as not verified.
"""

from collections.abc import Mapping
from typing import NamedTuple


class Bot(NamedTuple):
    """`text` stands in its User-Agent, in lower case. `organization` is the label's word for its owner.

    `networks` and `systems` are its own; `feed` is the list of addresses that is kept for it, if one is.
    """

    name: str
    text: str
    organization: str = ""
    networks: tuple[str, ...] = ()
    systems: tuple[int, ...] = ()
    feed: str = ""


_GOOGLE = ("66.249.64.0/19", "2001:4860:4801::/48")
_APPLE = ("17.0.0.0/8",)
_BING = ("157.55.39.0/24", "207.46.13.0/24", "40.77.167.0/24")
_GITHUB = ("192.30.252.0/22", "185.199.108.0/22", "140.82.112.0/20", "143.55.64.0/20")

BOTS: Mapping[str, tuple[Bot, ...]] = {
    "advertising": (
        Bot("google_adsbot", "adsbot-google", "google", _GOOGLE, feed="googlebot"),
        Bot("google_mediapartners", "mediapartners-google", "google", _GOOGLE, feed="googlebot"),
        Bot("bing_ads", "adidxbot", "microsoft", feed="bingbot"),
        Bot("amazon_adbot", "amazonadbot", "amazon"),
        Bot("criteo", "criteobot", "criteo"),
        Bot("ias_crawler", "ias_crawler"),
        Bot("proximic", "proximic", "comscore"),
        Bot("grapeshot", "grapeshotcrawler", "oracle"),
        Bot("ads_txt_crawler", "adstxt"),
    ),
    "ai": (
        Bot("gptbot", "gptbot", "openai", feed="gptbot"),
        Bot("chatgpt_user", "chatgpt-user", "openai", feed="gptbot"),
        Bot("oai_searchbot", "oai-searchbot", "openai", feed="gptbot"),
        Bot("claudebot", "claudebot", "anthropic"),
        Bot("claude_user", "claude-user", "anthropic"),
        Bot("claude_searchbot", "claude-searchbot", "anthropic"),
        Bot("anthropic_ai", "anthropic-ai", "anthropic"),
        Bot("perplexitybot", "perplexitybot", "perplexity", feed="perplexitybot"),
        Bot("perplexity_user", "perplexity-user", "perplexity", feed="perplexitybot"),
        Bot("bytespider", "bytespider", "bytedance"),
        Bot("ccbot", "ccbot/", "common_crawl"),
        Bot("meta_externalagent", "meta-externalagent", "meta", systems=(32934,)),
        Bot("meta_externalfetcher", "meta-externalfetcher", "meta", systems=(32934,)),
        Bot("amazonbot", "amazonbot", "amazon"),
        Bot("google_cloudvertexbot", "google-cloudvertexbot", "google", _GOOGLE, feed="googlebot"),
        Bot("mistralai_user", "mistralai-user", "mistral"),
        Bot("cohere_ai", "cohere-ai", "cohere"),
        Bot("diffbot", "diffbot", "diffbot"),
        Bot("youbot", "youbot", "you"),
        Bot("duckassistbot", "duckassistbot", "duckduckgo", feed="duckduckbot"),
        Bot("timpibot", "timpibot"),
        Bot("pangubot", "pangubot", "huawei"),
    ),
    "archiver": (
        Bot("archive_org_bot", "archive.org_bot", "internet_archive", ("207.241.224.0/20",), (7941,)),
        Bot("heritrix", "heritrix"),
        Bot("wayback", "special_archiver"),
        Bot("archive_today", "archive.today"),
        Bot("arquivo_web_crawler", "arquivo-web-crawler"),
    ),
    "content_fetcher": (
        Bot("feedly", "feedly"),
        Bot("feedfetcher_google", "feedfetcher-google", "google"),
        Bot("feedburner", "feedburner"),
        Bot("inoreader", "inoreader"),
        Bot("newsblur", "newsblur"),
        Bot("feedbin", "feedbin"),
        Bot("flipboard", "flipboardproxy"),
        Bot("pocket_parser", "pocketparser"),
        Bot("instapaper", "instapaper"),
        Bot("tiny_tiny_rss", "tiny tiny rss"),
        Bot("google_read_aloud", "google-read-aloud", "google"),
        Bot("embedly", "embedly"),
        Bot("iframely", "iframely"),
    ),
    "email_client": (
        Bot("outlook", "microsoft outlook"),
        Bot("thunderbird", "thunderbird/"),
        Bot("google_image_proxy", "googleimageproxy", "google"),
        Bot("yahoo_mail_proxy", "yahoomailproxy", "yahoo"),
    ),
    "http_library": (
        Bot("python_requests", "python-requests"),
        Bot("python_urllib", "python-urllib"),
        Bot("python_httpx", "python-httpx"),
        Bot("aiohttp", "aiohttp/"),
        Bot("curl", "curl/"),
        Bot("wget", "wget/"),
        Bot("go_http", "go-http-client"),
        Bot("java", "java/1"),
        Bot("java_http_client", "java-http-client"),
        Bot("apache_http_client", "apache-httpclient"),
        Bot("okhttp", "okhttp/"),
        Bot("axios", "axios/"),
        Bot("node_fetch", "node-fetch"),
        Bot("undici", "undici"),
        Bot("got", "got (https://github.com"),
        Bot("libwww_perl", "libwww-perl"),
        Bot("lwp", "lwp::"),
        Bot("ruby", "rest-client/"),
        Bot("faraday", "faraday v"),
        Bot("guzzle", "guzzlehttp"),
        Bot("php", "php/"),
        Bot("winhttp", "winhttp"),
        Bot("httpie", "httpie/"),
        Bot("postman", "postmanruntime"),
        Bot("insomnia", "insomnia/"),
        Bot("reqwest", "reqwest/"),
        Bot("ureq", "ureq/"),
        Bot("restsharp", "restsharp"),
        Bot("cpp_httplib", "cpp-httplib"),
    ),
    "link_checker": (
        Bot("w3c_checklink", "w3c-checklink"),
        Bot("linkchecker", "linkchecker"),
        Bot("xenu", "xenu link sleuth"),
        Bot("linkwalker", "linkwalker"),
        Bot("wordpress_link_checker", "broken link checker"),
        Bot("lychee", "lychee/"),
    ),
    "miscellaneous": (
        Bot("w3c_validator", "w3c_validator", "w3c"),
        Bot("google_site_verification", "google-site-verification", "google"),
        Bot("googleother", "googleother", "google", _GOOGLE, feed="googlebot"),
        Bot("generic_bot", "(compatible; bot"),
        Bot("cookiebot", "cookiebot"),
        Bot("builtwith", "builtwith"),
        Bot("wappalyzer", "wappalyzer"),
        Bot("netcraft", "netcraft"),
    ),
    "monitoring": (
        Bot("uptimerobot", "uptimerobot", "uptimerobot", feed="uptimerobot"),
        Bot("pingdom", "pingdom", "solarwinds", feed="pingdom"),
        Bot("statuscake", "statuscake", "statuscake", feed="statuscake"),
        Bot("site24x7", "site24x7", "zoho"),
        Bot("better_uptime", "better uptime bot", "better_stack"),
        Bot("datadog_synthetics", "datadogsynthetics", "datadog"),
        Bot("new_relic", "newrelicpinger", "new_relic"),
        Bot("route53_health_check", "amazon-route53-health-check-service", "amazon"),
        Bot("elb_health_checker", "elb-healthchecker", "amazon"),
        Bot("cloudwatch_synthetics", "cloudwatchsynthetics", "amazon"),
        Bot("google_stackdriver", "googlestackdrivermonitoring", "google"),
        Bot("checkly", "checkly"),
        Bot("hetrixtools", "hetrixtools"),
        Bot("freshping", "freshpingbot"),
        Bot("prometheus_blackbox", "blackbox exporter"),
        Bot("zabbix", "zabbix"),
        Bot("nagios", "check_http/"),
        Bot("gtmetrix", "gtmetrix"),
    ),
    "page_preview": (
        Bot("google_page_preview", "google web preview", "google"),
        Bot("bing_preview", "bingpreview", "microsoft", feed="bingbot"),
        Bot("skype_preview", "skypeuripreview", "microsoft"),
    ),
    "scraping_framework": (
        Bot("scrapy", "scrapy/"),
        Bot("mechanize", "mechanize"),
        Bot("colly", "colly"),
        Bot("nutch", "nutch"),
        Bot("httrack", "httrack"),
        Bot("crawler4j", "crawler4j"),
        Bot("pyspider", "pyspider"),
        Bot("simple_crawler", "simplecrawler"),
        Bot("goutte", "symfony browserkit"),
        Bot("webcopier", "webcopier"),
        Bot("sitesucker", "sitesucker"),
    ),
    "search_engine": (
        Bot("googlebot", "googlebot", "google", _GOOGLE, feed="googlebot"),
        Bot("google_inspection_tool", "google-inspectiontool", "google", _GOOGLE, feed="googlebot"),
        Bot("google_storebot", "storebot-google", "google", _GOOGLE, feed="googlebot"),
        Bot("bingbot", "bingbot", "microsoft", _BING, feed="bingbot"),
        Bot("msnbot", "msnbot", "microsoft", feed="bingbot"),
        Bot("applebot", "applebot", "apple", _APPLE, feed="applebot"),
        Bot("duckduckbot", "duckduckbot", "duckduckgo", feed="duckduckbot"),
        Bot("yandexbot", "yandex.com/bots", "yandex", systems=(13238,)),
        Bot("baiduspider", "baiduspider", "baidu"),
        Bot("slurp", "yahoo! slurp", "yahoo"),
        Bot("naver", "yeti/", "naver"),
        Bot("seznambot", "seznambot", "seznam", systems=(43037,)),
        Bot("sogou", "sogou web spider", "sogou"),
        Bot("qwantbot", "qwantbot", "qwant"),
        Bot("petalbot", "petalbot", "huawei"),
        Bot("coccoc", "coccocbot", "coccoc"),
        Bot("mojeekbot", "mojeekbot", "mojeek", ("5.102.173.71/32",)),
        Bot("exabot", "exabot"),
        Bot("360spider", "360spider", "qihoo"),
        Bot("bravebot", "bravebot", "brave"),
        Bot("kagibot", "kagibot", "kagi"),
    ),
    "security": (
        Bot("censys", "censysinspect", "censys"),
        Bot("shodan", "shodan"),
        Bot("expanse", "expanse, a palo alto networks", "palo_alto_networks"),
        Bot("internet_measurement", "internetmeasurement", "driftnet"),
        Bot("onyphe", "onyphe"),
        Bot("binaryedge", "binaryedge"),
        Bot("leakix", "leakix"),
        Bot("zgrab", "zgrab"),
        Bot("nuclei", "nuclei"),
        Bot("nmap", "nmap scripting engine"),
        Bot("nessus", "nessus"),
        Bot("qualys", "qualys"),
        Bot("detectify", "detectify"),
        Bot("sucuri", "sucuri"),
        Bot("virustotal", "virustotal"),
        Bot("urlscan", "urlscan"),
    ),
    "seo": (
        Bot("ahrefsbot", "ahrefsbot", "ahrefs", feed="ahrefsbot"),
        Bot("ahrefs_site_audit", "ahrefssiteaudit", "ahrefs", feed="ahrefsbot"),
        Bot("semrushbot", "semrushbot", "semrush"),
        Bot("mj12bot", "mj12bot", "majestic"),
        Bot("dotbot", "dotbot", "moz"),
        Bot("rogerbot", "rogerbot", "moz"),
        Bot("blexbot", "blexbot"),
        Bot("dataforseo", "dataforseobot", "dataforseo"),
        Bot("serpstatbot", "serpstatbot"),
        Bot("screaming_frog", "screaming frog seo spider"),
        Bot("sistrix", "sistrix"),
        Bot("seokicks", "seokicks"),
        Bot("seobility", "seobilitybot"),
        Bot("barkrowler", "barkrowler"),
        Bot("siteauditbot", "siteauditbot"),
        Bot("megaindex", "megaindex"),
        Bot("linkdex", "linkdexbot"),
    ),
    "social_media": (
        Bot("facebook_externalhit", "facebookexternalhit", "meta", systems=(32934,)),
        Bot("facebook_catalog", "facebookcatalog", "meta", systems=(32934,)),
        Bot("twitterbot", "twitterbot", "x", systems=(13414,)),
        Bot("linkedinbot", "linkedinbot", "linkedin", systems=(14413,)),
        Bot("pinterestbot", "pinterestbot", "pinterest", ("54.236.1.0/24",)),
        Bot("pinterest", "pinterest/0", "pinterest", ("54.236.1.0/24",)),
        Bot("slackbot", "slackbot", "slack"),
        Bot("slack_imgproxy", "slack-imgproxy", "slack"),
        Bot("discordbot", "discordbot", "discord"),
        Bot("telegrambot", "telegrambot", "telegram", systems=(62041, 59930, 62014)),
        Bot("whatsapp", "whatsapp/", "meta"),
        Bot("redditbot", "redditbot", "reddit"),
        Bot("tumblr", "tumblr/"),
        Bot("vkshare", "vkshare", "vk", systems=(47541,)),
        Bot("mastodon", "mastodon/"),
        Bot("line_poker", "line-poker", "line"),
    ),
    "webhooks": (
        Bot("github_hookshot", "github-hookshot", "github", _GITHUB),
        Bot("gitlab", "gitlab/"),
        Bot("stripe", "stripe/1.0", "stripe", feed="stripe"),
        Bot("shopify", "shopify-captain-hook", "shopify"),
        Bot("twilio", "twilioproxy", "twilio"),
        Bot("bitbucket", "bitbucket-webhooks", "atlassian"),
        Bot("zapier", "zapier"),
        Bot("sendgrid", "sendgrid event api", "sendgrid"),
    ),
}  # fmt: skip
"""By AWS's word for what they do."""

AUTOMATED_BROWSERS = (
    *(
        "headlesschrome",
        "phantomjs",
        "slimerjs",
        "selenium",
        "webdriver",
        "puppeteer",
        "playwright",
        "cypress",
    ),
    *("electron/", "splash", r"zombie\.js", "htmlunit", "nightmare", "testcafe", "headless"),
)
"""What browsers without a person in front of them say of themselves."""

_ENGINES = "(?:applewebkit|gecko|trident|msie|presto|khtml|servo)"
BROWSERS = (
    rf"^mozilla/[0-9]\.[0-9]+ \([^()]{{0,200}}(?:\([^()]{{0,60}}\)[^()]{{0,100}})?\).{{0,40}}{_ENGINES}",
    r"^mozilla/[0-9]\.[0-9]{1,2} \((?:compatible; msie [0-9]|playstation|nintendo)",
    r"^opera/[0-9]",
    r"^(?:lynx|links|elinks|w3m|dillo|netsurf)[/ (]",
)
"""How the User-Agent of browsers begins, in lower case."""
