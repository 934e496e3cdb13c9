"""The parts of invented names, by script and country. Family names are invented or combined as nobody is called.

Where a name is not written in Latin letters, its romanisation stands behind it, as its language is romanised.
"""

from typing import NamedTuple


class People(NamedTuple):
    """Names that go together: how often (weight) and in which countries. Each name with its Latin form, or ""."""

    weight: int
    countries: list[str]
    given: dict[str, str]
    family: dict[str, str]
    family_first: bool = False  # and written without a space
    latin_family_first: bool = False


def _names(listed: str) -> dict[str, str]:
    """Read `name=Latin form, name=Latin form`."""
    return {name: latin for name, _, latin in (each.strip().partition("=") for each in listed.split(","))}


PEOPLES = [
    People(
        30, ["GB", "US", "IE", "AU", "CA", "NZ"],
        _names("""Aveline, Bram, Corisande, Delphin, Elowen, Fenwick, Guinevra, Hartley, Isolde, Jocasta,
            Kestrel, Linnet, Marigold, Nerys, Orlan, Peverell, Quill, Rosamund, Sorrel, Thaddea, Ursley,
            Verity, Wystan, Yarrow, Zinnia, Amabel, Barnaby, Clemency, Dunstan, Eglantine, Ferelith, Gawain"""),
        _names("""Ashgrove, Bellweather, Copperfell, Duskwood, Eddlestone, Fairhollow, Greyfriar, Hazelmoor,
            Inkpenny, Juniperson, Kettlewick, Larkspurre, Mossbank, Netherby-Quince, O'Dunmore, Pennyroyal,
            Quillfeather, Rookhaven, Saltmarshe, Thistledown, Umberslade, Velvetine, Willowmere, Yewbarrow,
            Applegarthe, Brambleby, Candlewright, Driftmoor, Elderflowre, Foxglovey"""),
    ),
    People(
        12, ["FR", "BE", "CH", "CA"],
        _names("""Amandine, Bérénice, Célestin, Désiré, Éloïse, Firmin, Gaëlle, Honoré, Inès, Joséphin,
            Clémence, Aurélien, Hermance, Maïwenn, Théophile, Zélie, Ondine, Barnabé"""),
        _names("""d'Aubrepierre, Beauchastel, Chanteloube, Desruisselles, L'Hermitelle, Fontainebrune,
            Œuvrard-Lys, Grandsaulnier, Hautebruyère, Merlebois, Noisetierre, Pèlerinage, Rossignolet,
            Sablonneuve, Tourterelline, Vertefeuillée"""),
    ),
    People(
        10, ["DE", "AT", "CH"],
        _names("""Änne, Burkhild, Cosimo, Dörte, Eberwin, Friedlinde, Götz, Heilwig, Ingerose, Jörn,
            Kunigunde, Leopoldine, Meinrad, Ottokar, Roswitha, Wendelin"""),
        _names("""Abendschön, Birkenfäller, von der Moosalm, Grünspecht, Silberdistel, Wolkenstößer,
            Ziegenrücker, Apfelblüher, Distelfinck, Glockenthaler, Haselstrauch, Kieselbach-Au, Lindenhorcher,
            Nebelhüter, Taubnessel"""),
    ),
    People(
        8, ["SE", "NO", "DK", "FI", "IS"],
        _names("""Åsvild, Björk-Elin, Dagrún, Eyvor, Gøril, Hjördis, Ørnulf, Sölvi, Þórdís, Ylva-Li, Aurvard,
            Fenja, Runa-Maj, Torbrand"""),
        _names("""Ångström-Vik, Bjørkedalen, Dalsgård, Kärrhöök, Nørrelykke, Sjöstjärna, Ödegaard-Ek,
            Blåklockan, Fyrvaktare, Granhügel, Havtornæs, Lyngmose, Måsöga"""),
    ),
    People(
        8, ["ES", "MX", "AR", "CO", "PT", "BR"],
        _names("""Ágata, Baltasar, Consuelo, Dionísio, Estrella, Fermín, Inmaculada, João-Tomé, Nuño, Ximena,
            Amaranta, Leocádia, Olegario, Violante"""),
        _names("""Álamo Ruibarbo, Caracoles Peña, de la Higuera y Sol, Ñandubay, Jacarandá, Lágrimas,
            Zarzamora, Aguamiel, Cigarralejo, do Alecrim, Espantalobos, Hierbabuena, Luciérnaga"""),
    ),
    People(
        6, ["PL", "CZ", "SK", "HU", "RO", "TR"],
        _names("""Bożydar, Ctirad, Đorđina, Ágota, Świętosława, Ştefania, İpek, Łucja, Žofie, Gülşah,
            Jadwinia, Vítězslava"""),
        _names("""Brzęczek-Łąka, Čtvrtníček, Kékfű, Țepeluș, Işıldar, Źródłowska, Řeřicha, Chrząszczyk,
            Harmatfű, Lomikámen, Yıldızçiçek"""),
    ),
    People(
        4, ["VN"],
        _names("""Thị Ánh Sao, Văn Đồi Thông, Ngọc Uyển Nhi, Hữu Nghĩa Lâm, Mỹ Lệ Hằng, Bạch Vân, Thu Nguyệt,
            Sơn Hà, Xuân Mai, Kim Sa, Lam Khê, Trúc Lâm"""),
        _names("""Trịnh Lam, Đặng Tùng, Phùng Mây, Lưỡng Ngạn, Khổng Trúc, Mạc Đường, Hồ Sương, Nghiêm Gió,
            Lục Bình, Cù Lao"""),
    ),
    People(
        3, ["UA"],
        _names("""Яна=Yana, Богуслав=Bohuslav, Ждан=Zhdan, Мирослава=Myroslava, Соломія=Solomiia, Лука=Luka,
            Остап=Ostap, Євгенка=Yevhenka, Юстина=Yustyna, Щасний=Shchasnyi"""),
        _names("""Барвінок=Barvinok, Гречкосій=Hrechkosii, Світлогор=Svitlohor, Зорепад=Zorepad,
            Веселка=Veselka, Криничка=Krynychka, Жайвір=Zhaivir, Їжачок=Yizhachok, Чебрець=Chebrets,
            Яблунька=Yablunka"""),
    ),
    People(
        1, ["RS", "ME"],
        _names("Љубица=Ljubica, Ђурђица=Đurđica, Вукан=Vukan, Растко=Rastko, Миона=Miona, Његослав=Njegoslav"),
        _names("""Ђурђевак=Đurđevak, Љиљанић=Ljiljanić, Шљивар=Šljivar, Жабокрек=Žabokrek, Њивачић=Njivačić,
            Чемпрес=Čempres"""),
    ),
    People(
        1, ["KZ"],
        _names("Әсел=Äsel, Гүлім=Gülim, Өмірай=Ömirai, Ерасыл=Erasyl, Сәуле=Säule, Дәурен=Däuren"),
        _names("""Көктерек=Kökterek, Бәйшешек=Bäisheshek, Жүзімбай=Jüzimbai, Сүмбіле=Sümbile, Төрткөл=Törtköl,
            Бүлдірген=Büldirgen"""),
    ),
    People(
        3, ["GR", "CY"],
        _names("""Αριάδνη=Ariadni, Θάλεια=Thaleia, Ιάσονας=Iasonas, Ζωή=Zoi, Ωρίων=Orion, Δάφνη=Dafni,
            Λυσίας=Lysias, Ερατώ=Erato, Φοίβος=Foivos, Μυρτώ=Myrto, Κλειώ=Kleio, Στέφανος=Stefanos"""),
        _names("""Λυχναρίου=Lychnariou, Ελαιώνου=Elaionou, Κοχυλίου=Kochyliou, Θυμαρίου=Thymariou,
            Φεγγαρίου=Fengariou, Ανεμομύλου=Anemomylou, Γλαρονησίου=Glaronisiou, Αμυγδαλίδου=Amygdalidou"""),
    ),
    People(
        2, ["EG", "MA", "LB"],
        _names("""نورس=Nawras, ياسمين=Yasmin, بدر=Badr, زهرة=Zahra, ميادة=Mayada, غيث=Ghaith, رباب=Rabab,
            هيثم=Haytham, سلمى=Salma, كنان=Kinan"""),
        _names("""الياسميناوي=al-Yasminawi, القمرستاني=al-Qamaristani, السنديانجي=al-Sindiyanji,
            النورساني=al-Nawrasani, اللوزانجي=al-Lawzanji, الزعترلي=al-Zaatarli, البيلساني=al-Baylasani,
            الفنارجي=al-Fanarji"""),
    ),
    People(
        1, ["IR"],
        _names("می‌نا=Mina, آرمیتا=Armita, بهروز=Behruz, نیلوفر=Nilufar, سیاوش=Siavash, ترانه=Taraneh"),
        _names("""باغستان‌پور=Baghestanpur, مهتابیان=Mahtabian, شبنم‌زاد=Shabnamzad, نارون‌پور=Narvanpur,
            چکاوکیان=Chakavakian, بنفشه‌زار=Banafshehzar"""),
    ),
    People(
        2, ["IL"],
        _names("""נועם=Noam, שקד=Shaked, אגם=Agam, רימון=Rimon, יערה=Yaara, אלון=Alon, תמר=Tamar, כרמל=Carmel,
            ליאור=Lior, אסיף=Asif"""),
        _names("""הרדופית=Hardufit, ציפורתן=Tziportan, לוטמון=Lotmon, כלניתאי=Kalanitai, מגדלורי=Migdalori,
            שלכתי=Shalakhti, גפנון=Gafnon, זריחון=Zrihon"""),
    ),
    People(
        3, ["IN", "NP"],
        _names("""प्रियांशी=Priyanshi, कमलिनी=Kamalini, आकाशदीप=Akashdeep, वर्षा=Varsha, मेघना=Meghna,
            तरंग=Tarang, नीलाभ=Neelabh, ऋतुजा=Rutuja, सुहानी=Suhani, देवांग=Devang"""),
        _names("""चाँदनीवाल=Chandniwal, मेघमालिया=Meghmaliya, सरोजवन=Sarojvan, ऋतुराजे=Rituraje,
            नीमखेड़ी=Neemkhedi, इंद्रधनुषी=Indradhanushi, झरनेकर=Jharnekar, बरगदिया=Bargadiya,
            पलाशकर=Palashkar"""),
    ),
    People(
        3, ["JP"],
        _names("""花音=Kanon, さくら=Sakura, 風太郎=Fūtarō, しずく=Shizuku, 詩織=Shiori, 奏太=Sōta,
            千鶴=Chizuru, つばさ=Tsubasa, 琴葉=Kotoha, 律=Ritsu, 小夜=Sayo, 陽向=Hinata, 文乃=Fumino,
            湊=Minato, かえで=Kaede, 銀次=Ginji"""),
        _names("""星野原=Hoshinohara, 鈴懸森=Suzukakemori, 月ヶ岡=Tsukigaoka, 霧ヶ浜=Kirigahama,
            風見坂=Kazamizaka, 露草谷=Tsuyukusadani, 蛍沢=Hotaruzawa, 雪割川=Yukiwarigawa, 朝露野=Asatsuyuno,
            夕凪島=Yūnagijima, 藍染原=Aizomehara, 笹舟=Sasabune, 灯台崎=Tōdaizaki, 綿雲=Watagumo"""),
        family_first=True,
    ),
    People(
        1, ["TW"],
        _names("""墨竹=Mozhu, 清荷=Qinghe, 雲起=Yunqi, 聽雨=Tingyu, 望舒=Wangshu, 青檀=Qingtan, 星瀾=Xinglan,
            霜葉=Shuangye"""),
        _names("歐陽=Ouyang, 慕容=Murong, 令狐=Linghu, 獨孤=Dugu, 百里=Baili, 鍾離=Zhongli"),
        family_first=True, latin_family_first=True,
    ),
    People(
        1, ["CN"],
        _names("""听雨=Tingyu, 墨竹=Mozhu, 云起=Yunqi, 望舒=Wangshu, 青檀=Qingtan, 晚晴=Wanqing, 松涛=Songtao,
            鹿鸣=Luming"""),
        _names("上官=Shangguan, 东方=Dongfang, 司徒=Situ, 南宫=Nangong, 皇甫=Huangfu, 端木=Duanmu"),
        family_first=True, latin_family_first=True,
    ),
    People(
        2, ["KR"],
        _names("""가온누리=Gaonnuri, 별하=Byeolha, 은결=Eungyeol, 다솜=Dasom, 한별=Hanbyeol, 이든=Ideun,
            라온=Raon, 마루=Maru, 윤슬=Yunseul, 해솔=Haesol"""),
        _names("""남궁=Namgung, 선우=Seonu, 황보=Hwangbo, 제갈=Jegal, 사공=Sagong, 독고=Dokgo, 서문=Seomun,
            동방=Dongbang"""),
        family_first=True, latin_family_first=True,
    ),
    People(
        1, ["TH"],
        _names("ก้องฟ้า=Kongfa, ดาริกา=Darika, พิมพ์ดาว=Phimdao, ใบบัว=Baibua, น้ำริน=Namrin, ภูผา=Phupha"),
        _names("""ทองเมฆา=Thongmekha, จันทร์ฉายแสง=Chanchaisaeng, รุ่งอรุณวัฒน์=Rungarunwat,
            ดอกแก้วทอง=Dokkaeothong, ลมทะเลดี=Lomthaledi, ดาวเรืองรอง=Daorueangrong"""),
    ),
]  # fmt: skip
# Names of artists, each used once.
SINGULAR = [
    "-Q-", "will.o.wisp", "Øyvé", "Sólveyg", "MÅNFRØ", "O", "Null", "Tintinnabula", "b r i n e", "Ember & Ash", "Qwyll",
    "Vesperine", "Ōmi no Kaze", "Pamplemousselle", "Ziggurath", "the Moth Choir", "Łuna", "Ñ", "K8lyn", "Umbra/Umbra",
    "Nebelkind", "DJ Farfalla Muta", "Half-Past Owl", "Ysengrimm",
]  # fmt: skip
