"""Autonomous systems of hosting and cloud providers, from which few people browse.

As AWS's list does, it leaves out AWS's own. Providers whose systems also serve people at home are left out
too.
"""

HOSTING = (
    8075,  # Microsoft
    396982,  # Google Cloud
    31898,  # Oracle
    36351,  # IBM Cloud
    45102, 37963, 134963,  # Alibaba
    132203, 45090,  # Tencent
    136907, 55990,  # Huawei
    38365,  # Baidu
    14061,  # DigitalOcean
    63949,  # Linode
    20473,  # Vultr
    16276, 35540,  # OVH
    24940, 213230, 212317,  # Hetzner
    51167, 141995, 40021,  # Contabo
    12876,  # Scaleway
    60781, 28753, 30633, 59253, 395954, 19148, 7203,  # Leaseweb
    36352, 54290,  # HostPapa (ColoCrossing, Hostwinds)
    55286,  # B2 Net
    53667,  # FranTech
    40676,  # Psychz
    8100,  # QuadraNet
    9009,  # M247
    60068, 212238,  # Datacamp
    199524,  # G-Core
    21859,  # Zenlayer
    47583,  # Hostinger
    8560,  # IONOS
    26496, 398101,  # GoDaddy
    22612,  # Namecheap
    46606, 19871,  # Newfold
    32244, 53824,  # Liquid Web
    33070, 27357, 19994, 15395,  # Rackspace
    29802, 61317,  # Hivelocity
    46844,  # Sharktech
    35916,  # Multacom
    18978,  # Enzu
    25820,  # IT7
    62904,  # Eonix
    197540,  # netcup
    20773, 34011, 29066,  # Host Europe, velia.net
    49981,  # WorldStream
    43350,  # NForce
    50673,  # Serverius
    42708,  # GleSYS
    9370, 9371, 7684,  # SAKURA Internet
    7506,  # GMO Internet
    52048, 203020,  # RixHost, HostRoyale
    44901,  # Belcloud
    39351,  # 31173 Services
    58065, 202425,  # Orion Network, IP Volume
)  # fmt: skip
"""Numbers of autonomous systems."""
CLOUDS = {
    "aws": (16509, 14618),
    "azure": (8075,),
    "gcp": (396982,),
    "oracle": (31898,),
    "ibm": (36351,),
    "alibaba": (45102, 37963, 134963),
    "digital_ocean": (14061,),
    "akamai": (63949,),
}
"""The systems of cloud providers, by AWS's word for them."""
